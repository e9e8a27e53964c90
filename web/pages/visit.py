"""One visit in the drawer beside the grid: what it is, and the next thing to do with it."""

from asyncio import gather
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Header, Query
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from chassis.clock import new_id
from contracts.identity import CLINIC, CLINICAL, MONEY, RECEPTION, TILL
from contracts.values import Money
from web import timeline, times, typed
from web.clients import accounts, audit, booking
from web.clients.accounts import Account
from web.clients.booking import Appointment, Patient
from web.clients.prices import prices
from web.clients.settlements import Settlement, settlements
from web.desk import AtDesk, Desk, is_attended
from web.errors import ApiProblem
from web.forms import IdempotencyKey, Key
from web.menu import Page
from web.pages.day import card_of
from web.partly import part
from web.said import tell
from web.templating import spoken
from web.words import FORWARD, STATUSES, STEPS

router = APIRouter(prefix="/l/{place}/visits/{visit_id}")

LINES_MAX = 6
"""Of the timeline that fit in the drawer."""
Steps = Literal["confirm", "check-in", "numb", "start", "no-show", "reinstate"]


class MoveTo(BaseModel):
    """Where a visit was dragged to."""

    model_config = ConfigDict(extra="forbid")

    local_start: datetime
    practitioner_id: UUID | None = None
    room_id: UUID | None = None
    version: int


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the drawer shows of a visit."""

    visit: Appointment
    patient: Patient | None
    account: Account | None
    settlement: Settlement | None
    price: Money | None

    @property
    def remaining(self) -> int | None:
        """Sessions left of the package that pays for this visit."""
        package_id = self.settlement.package_id if self.settlement else None
        packages = self.account.packages if self.account else ()
        return next((package.remaining for package in packages if package.id == package_id), None)


@router.get("")
async def drawer(desk: AtDesk, visit_id: UUID, hx_request: Annotated[str | None, Header()] = None) -> Response:
    """The drawer; as an address of its own it leads to the day page with the drawer open."""
    if hx_request is None:
        visit = await booking.appointment(desk.api, visit_id)
        day = f"/l/{desk.place.code}/day/{visit.local_start.date()}"
        return RedirectResponse(f"{day}?visit={visit_id}", status_code=303)
    return await _drawn(desk, await booking.appointment(desk.api, visit_id))


@router.get("/story")
async def story(desk: AtDesk, visit_id: UUID) -> HTMLResponse:
    """The last of what happened, loaded after the drawer is there."""
    told = await part(audit.timeline(desk.api, appointment_id=visit_id))
    chapters = timeline.chapters(told.found or (), zone=desk.place.tz, today=desk.place.today(desk.now), names={})
    lines = [line for chapter in chapters for each in chapter.stories for line in (each.start, *each.followed)]
    newest = sorted(lines, key=lambda line: line.at, reverse=True)[:LINES_MAX]
    return desk.part("parts/story.html", lines=newest, why_not=told.why_not)


@router.get("/openings")
async def openings(desk: AtDesk, visit_id: UUID, on: Annotated[date, Query()]) -> JSONResponse:
    """Where on a day it could begin, by practitioner: what the grid shows while it is dragged."""
    visit = await booking.appointment(desk.api, visit_id)
    found = await booking.slots(desk.api, desk.place.id, visit.treatment, on=on, moving=visit_id)
    starts: defaultdict[str, list[str]] = defaultdict(list)
    for slot in found:
        for practitioner_id in slot.practitioner_ids:
            starts[str(practitioner_id)].append(slot.local_start.isoformat())
    return JSONResponse(starts)


@router.post("/steps/{action}")
async def step(
    desk: AtDesk,
    *,
    visit_id: UUID,
    action: Steps,
    version: Annotated[int, Form()],
    key: Key,
    cream_off: Annotated[bool, Form()] = False,
) -> Response:
    """One step on in the life of the visit."""
    body = {"version": version} | ({"cream_off": True} if cream_off and action == "start" else {})
    visit = await booking.act(desk.api, visit_id, action, body, key=key)
    return await _changed(desk, visit, f"{visit.patient.full_name} {STEPS[action].said}.")


@router.post("/cancel")
async def cancel(
    desk: AtDesk,
    *,
    visit_id: UUID,
    version: Annotated[int, Form()],
    key: Key,
    by: Annotated[Literal["patient", "clinic", "medical"], Form()],
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """It will not take place, and who called it off."""
    body = {"version": version, "by": by, **({"reason": reason} if reason.strip() else {})}
    visit = await booking.act(desk.api, visit_id, "cancel", body, key=key)
    return await _changed(desk, visit, f"{visit.patient.full_name}: {STATUSES[visit.status].text.lower()}.")


@router.post("/move")
async def drag(desk: AtDesk, visit_id: UUID, to: MoveTo, idempotency_key: IdempotencyKey) -> JSONResponse:
    """Moved by drag, by keys or by undo: answers with the card as it is now."""
    desk.must(CLINIC)
    body = to.model_dump(mode="json", exclude_none=True)
    visit = await booking.act(desk.api, visit_id, "move", body, key=idempotency_key)
    return JSONResponse(await card_of(desk, visit))


@router.post("/reschedule")
async def reschedule(
    desk: AtDesk,
    *,
    visit_id: UUID,
    version: Annotated[int, Form()],
    key: Key,
    at: Annotated[str, Form()] = "",
    practitioner_id: Annotated[str, Form()] = "",
) -> Response:
    """Moved by form: the same as a drag, for any day."""
    try:
        start, fold = times.read(at)
    except typed.Misread as misread:
        raise ApiProblem(422, "no_time", str(misread)) from misread
    body: dict[str, Any] = {"version": version, "local_start": start.isoformat()}
    if fold is not None:
        body["fold"] = fold
    if practitioner_id:
        body["practitioner_id"] = practitioner_id
    visit = await booking.act(desk.api, visit_id, "move", body, key=key)
    moved = f"{visit.patient.full_name} moved to {spoken(visit.local_start)}, {visit.practitioner_name}."
    return await _changed(desk, visit, moved)


async def _changed(desk: Desk, visit: Appointment, said: str) -> Response:
    """The drawer as it is now; the page hears what was done."""
    response = await _drawn(desk, visit)
    return tell(response, visit_saved=await card_of(desk, visit), toast={"text": said})


async def _drawn(desk: Desk, visit: Appointment) -> HTMLResponse:
    seen = await _seen(desk, visit)
    forward = [STEPS[action] for action in FORWARD if action in visit.next_actions and _may(desk, action)]
    others = [STEPS[action] for action in ("no-show", "reinstate") if action in visit.next_actions]
    resources = await booking.resources(desk.api, desk.place.id) if "move" in visit.next_actions else None
    return desk.part(
        "parts/visit.html",
        seen=seen,
        visit=visit,
        state=STATUSES[visit.status],
        another_day="check-in" in visit.next_actions and visit.local_start.date() != desk.place.today(desk.now),
        numbed_too_long=visit.is_numbed_too_long(desk.now),
        late=visit.is_late(desk.now),
        next=forward[0] if forward else None,
        others=[*forward[1:], *others],
        practitioner_options=[(each.id, each.name) for each in resources.practitioners] if resources else [],
        may_take=desk.may(TILL),
        may_price=desk.may(MONEY),
        may_see_patient=desk.may(RECEPTION),
        may_see_record=desk.may(CLINICAL) and visit.status == "completed",
        attended=is_attended(desk.request),
        key=new_id(),
    )


def _may(desk: Desk, action: str) -> bool:
    """Completing means signing a treatment record: that is for who treats."""
    return action != "complete" or desk.may(CLINICAL)


async def _seen(desk: Desk, visit: Appointment) -> Seen:
    patient, account, settled, listed = await gather(
        part(booking.patient(desk.api, visit.patient_id)),
        part(accounts.account(desk.api, visit.patient_id)),
        part(settlements(desk.api, [visit.id])),
        part(prices(desk.api, desk.place.id)),
    )
    return Seen(
        visit=visit,
        patient=patient.found,
        account=account.found,
        settlement=(settled.found or {}).get(visit.id),
        price=(listed.found or {}).get(visit.treatment),
    )


PAGE = Page(router, RECEPTION)
