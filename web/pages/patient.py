"""One patient: what comes next, what was, what they bought and owe, what they were told, and why."""

from asyncio import gather
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from contracts.identity import CLINIC, DESK, MANAGEMENT, RECEPTION, TILL
from web import timeline
from web.clients import accounts, audit, booking, identity, notifications, patients, stock
from web.clients.booking import Appointment
from web.desk import AtDesk, Desk
from web.menu import Page
from web.partly import part

router = APIRouter()

Tab = Literal["visits", "account", "messages", "lots", "timeline"]
DONE = {
    "registered": "The patient is registered. Book the first visit, or sell a package.",
    "paid": "The payment is recorded.",
    "corrected": "The details are saved. Messages that are still to be sent use them.",
}
ENDED = frozenset({"completed", "no_show"}) | booking.OVER


class Visits(NamedTuple):
    """A patient's visits beside the clock: those to come with the next first, those that were with the last first."""

    upcoming: tuple[Appointment, ...]
    past: tuple[Appointment, ...]


@router.get("/l/{place}/patients/{patient_id}")
async def overview(desk: AtDesk, patient_id: UUID, done: str = "") -> HTMLResponse:
    """Visits, packages, what is owed, when to come again."""
    visits, account, recalls, treatments = await gather(
        part(patients.visits(desk.api, patient_id)),
        part(accounts.account(desk.api, patient_id)),
        part(notifications.recalls_of(desk.api, patient_id)),
        booking.treatments(desk.api),
    )
    return await _page(
        desk,
        patient_id,
        "visits",
        visits=beside(visits.found) if visits.found is not None else None,
        visits_why=visits.why_not,
        account=account.found,
        account_why=account.why_not,
        recall=next((each for each in recalls.found or () if each.state != "closed"), None),
        treatments={each.code: each.name for each in treatments},
        done=DONE.get(done, ""),
    )


@router.get("/l/{place}/patients/{patient_id}/account")
async def account(desk: AtDesk, patient_id: UUID) -> HTMLResponse:
    """Packages, invoices and payments."""
    found, visits, treatments = await gather(
        accounts.account(desk.api, patient_id),
        part(patients.visits(desk.api, patient_id)),
        booking.treatments(desk.api),
    )
    return await _page(
        desk,
        patient_id,
        "account",
        account=found,
        visits={visit.id: visit for visit in visits.found or ()},
        treatments={each.code: each.name for each in treatments},
    )


@router.get("/l/{place}/patients/{patient_id}/messages")
async def messages(desk: AtDesk, patient_id: UUID) -> HTMLResponse:
    """What they were told and will be told."""
    found = await notifications.messages(desk.api, patient_id=patient_id, limit=200)
    return await _page(desk, patient_id, "messages", messages=found.items)


@router.get("/l/{place}/patients/{patient_id}/lots")
async def lots(desk: AtDesk, patient_id: UUID) -> HTMLResponse:
    """Every lot that was used on this patient (IV-18)."""
    used, visits = await gather(
        stock.lots_of_patient(desk.api, patient_id), part(patients.visits(desk.api, patient_id))
    )
    return await _page(desk, patient_id, "lots", used=used, visits={visit.id: visit for visit in visits.found or ()})


@router.get("/l/{place}/patients/{patient_id}/timeline")
async def story(desk: AtDesk, patient_id: UUID) -> HTMLResponse:
    """What happened and why, in the clinic's own time."""
    happenings, names = await gather(audit.timeline(desk.api, patient_id=patient_id), staff_names(desk))
    today = desk.place.today(desk.now)
    told = timeline.chapters(happenings, zone=desk.place.tz, today=today, names=names)
    return await _page(desk, patient_id, "timeline", chapters=told)


def beside(visits: Sequence[Appointment]) -> Visits:
    """A visit that should have begun but has not ended is still to come: somebody has to say what became of it."""
    upcoming = [visit for visit in visits if visit.status not in ENDED]
    past = [visit for visit in visits if visit.status in ENDED]
    return Visits(
        tuple(sorted(upcoming, key=lambda visit: visit.starts_at)),
        tuple(sorted(past, key=lambda visit: visit.starts_at, reverse=True)),
    )


async def staff_names(desk: Desk) -> dict[str, str]:
    """Who is behind an actor's id: oneself, and for managers everybody."""
    known = {str(desk.visitor.staff.id): "you"}
    if desk.may(MANAGEMENT):
        everybody = await part(identity.everybody(desk.api))
        known = {str(each.id): each.display_name for each in everybody.found or ()} | known
    return known


async def _page(desk: Desk, patient_id: UUID, tab: Tab, **shown: Any) -> HTMLResponse:
    patient = await booking.patient(desk.api, patient_id)
    return desk.page(
        f"pages/patient_{tab}.html",
        patient=patient,
        tab=tab,
        homes={place.id: place for place in desk.places},
        today=desk.place.today(desk.now),
        age=patients.age,
        may_book=desk.may(DESK),
        may_sell=desk.may(TILL),
        may_read=desk.may(CLINIC),
        **shown,
    )


PAGE = Page(router, RECEPTION)
