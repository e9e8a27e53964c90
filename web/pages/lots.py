"""One lot, traced both ways: the deliveries it came with, and the sessions it was used in (IV-18)."""

from asyncio import gather
from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from contracts.identity import CLINIC, SHELF
from web import timeline
from web.clients import audit, patients, stock
from web.clients.booking import Location
from web.clients.stock import Lot, Used
from web.desk import AtDesk
from web.exports import Cell, csv_file, one_batch
from web.menu import Page
from web.pages.patient import staff_names
from web.partly import part
from web.typed import shown_quantity

router = APIRouter()

COLUMNS = (
    "Patient",
    "When",
    "Where",
    "Item",
    "Lot",
    "Expires",
    "Quantity",
    "Lot recorded",
    "Patient id",
    "Visit id",
)
"""Patients have no names here for those who neither treat nor receive them (CP-02)."""


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
    """Whom the lot was used on, a row per session: a recall of a lot is a round of calls, so it has their names."""
    trace = await stock.trace(desk.api, lot_id)
    names = await patients.named(desk.api, (used.patient_id for used in trace.used_on)) if desk.may(CLINIC) else {}
    homes = {place.id: place for place in desk.places}
    rows = [_row(used, trace.lot, names, homes.get(used.location_id, desk.place)) for used in trace.used_on]
    return await csv_file(f"lot-{lot_id}", COLUMNS, one_batch(rows))


def _row(used: Used, lot: Lot, names: Mapping[UUID, str], home: Location) -> tuple[Cell, ...]:
    return (
        names.get(used.patient_id),
        used.at.astimezone(home.tz),
        home.name if home.id == used.location_id else "Another location",
        used.item_name,
        lot.lot_number,
        used.expires_on,
        shown_quantity(used.quantity, used.unit),
        "yes" if used.is_recorded else "assumed",
        str(used.patient_id),
        str(used.appointment_id),
    )


PAGE = Page(router, SHELF)
