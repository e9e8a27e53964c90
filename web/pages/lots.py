"""One lot, traced both ways: the deliveries it came with, and the sessions it was used in (IV-18)."""

from asyncio import gather
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from contracts.identity import CLINIC, STOCK
from web import timeline
from web.clients import audit, patients, stock
from web.desk import AtDesk
from web.exports import passed_on
from web.menu import Page
from web.pages.patient import staff_names
from web.partly import part

router = APIRouter()


@router.get("/l/{place}/stock/lots/{lot_id}")
async def lot(desk: AtDesk, lot_id: UUID) -> HTMLResponse:
    """Names of patients only for those who treat and receive them (CP-02)."""
    found = await stock.trace(desk.api, lot_id)
    names, happenings, actors = await gather(
        part(patients.named(desk.api, (used.patient_id for used in found.used_on) if desk.may(CLINIC) else ())),
        part(audit.timeline(desk.api, lot_id=lot_id)),
        staff_names(desk),
    )
    today = desk.place.today(desk.now)
    return desk.page(
        "pages/lot.html",
        trace=found,
        lot=found.lot,
        names=names.found or {},
        homes={place.id: place for place in desk.places},
        today=today,
        on_hand=sum(each.on_hand for each in found.on_hand),
        used=sum(each.quantity for each in found.used_on),
        received=sum(each.quantity for each in found.received),
        chapters=timeline.chapters(happenings.found or (), zone=desk.place.tz, today=today, names=actors),
    )


@router.get("/l/{place}/stock/lots/{lot_id}/trace.csv")
async def file(desk: AtDesk, lot_id: UUID) -> Response:
    """Whom the lot was used on, a row per session."""
    answer = await desk.api.file("inventory", f"/lots/{lot_id}/trace.csv")
    return passed_on(answer, f"lot-{lot_id}")


ROLES = tuple(dict.fromkeys((*STOCK, *CLINIC)))
PAGE = Page(router, ROLES)
