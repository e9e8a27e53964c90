"""What does not match: sessions that used more than there was, a lot that nobody knows, or one that had expired."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import MANAGEMENT, SHELF, STOCK
from web import typed
from web.clients import discrepancies
from web.clients.discrepancies import Discrepancies, Discrepancy
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import ROWS_AT_ONCE, Cell, whole_list
from web.forms import Entered, entered
from web.labels import DISCREPANCIES, label
from web.listing import Listing, listing
from web.menu import Page

router = APIRouter()

STATES = (("", "Open"), ("closed", "Closed"), ("all", "All"))
COLUMNS = (
    "Found",
    "What",
    "Item",
    "Lot",
    "Quantity",
    "Still open",
    "Unit",
    "Used on",
    "State",
    "Closed",
    "Note",
    "Visit id",
)
DONE = {"closed": "The incident is closed, with what you wrote down."}


@router.get("/l/{place}/stock/discrepancies")
async def board(desk: AtDesk, request: Request, done: str = "") -> HTMLResponse:
    """What is open, the latest first, each with its way out."""
    asked = _asked(request)
    return desk.page(
        "pages/discrepancies.html",
        tab="discrepancies",
        asked=asked,
        found=await _found(desk, asked, asked.cursor),
        states=STATES,
        kinds=[("", "Every kind"), *((key, text.text) for key, text in DISCREPANCIES.items())],
        may_close=desk.may(MANAGEMENT),
        may_receive=desk.may(STOCK),
        done=DONE.get(done, ""),
    )


@router.get("/l/{place}/stock/discrepancies.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """The discrepancies of these filters in this order, all of them."""
    asked = _asked(request)

    async def some(cursor: str | None) -> tuple[Sequence[Discrepancy], str | None]:
        page = await _found(desk, asked, cursor, limit=ROWS_AT_ONCE)
        return page.items, page.next_cursor

    async def written(found: Sequence[Discrepancy]) -> list[tuple[Cell, ...]]:
        return [_row(each, desk.place.tz) for each in found]

    return await whole_list(f"discrepancies-{desk.place.code}", COLUMNS, some, written)


@router.get("/l/{place}/stock/discrepancies/{discrepancy_id}")
async def incident(desk: AtDesk, discrepancy_id: UUID) -> HTMLResponse:
    """The form to close an incident: what was found, and what was done."""
    desk.must(MANAGEMENT)
    return await _form(desk, discrepancy_id, Entered.blank())


@router.post("/l/{place}/stock/discrepancies/{discrepancy_id}")
async def close(desk: AtDesk, request: Request, discrepancy_id: UUID) -> Response:
    """Close it with a note, which stays with it."""
    desk.must(MANAGEMENT)
    form = await entered(request)
    note = form.need("note", "Write down what was found and what was done.")
    if not form.is_fine:
        return await _form(desk, discrepancy_id, form, status=422)
    try:
        await discrepancies.acknowledge(desk.api, discrepancy_id, note, key=form.key)
    except ApiProblem as problem:
        form.refuse(problem)
        return await _form(desk, discrepancy_id, form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/stock/discrepancies?done=closed", status_code=303)


async def _form(desk: Desk, discrepancy_id: UUID, form: Entered, *, status: int = 200) -> HTMLResponse:
    found = await _incident(desk, discrepancy_id)
    return desk.page("pages/incident.html", status=status, incident=found, form=form)


async def _incident(desk: Desk, discrepancy_id: UUID) -> Discrepancy:
    """An incident of this location; what closes by a delivery has no form."""
    found = await discrepancies.discrepancy(desk.api, discrepancy_id)
    if not found.is_incident or found.location_id != desk.place.id:
        raise ApiProblem(404, "not_found", "There is no such incident.")
    return found


def _asked(request: Request) -> Listing:
    states = (state for state, _ in STATES if state)
    return listing(request, sorts=("id",), default="-id", state=states, kind=DISCREPANCIES)


async def _found(desk: Desk, asked: Listing, cursor: str | None, *, limit: int = 50) -> Discrepancies:
    state = None if asked["state"] == "all" else asked["state"] or "open"
    return await discrepancies.discrepancies(
        desk.api, desk.place.id, state=state, kind=asked["kind"] or None, sort=asked.sort, cursor=cursor, limit=limit
    )


def _row(found: Discrepancy, zone: ZoneInfo) -> tuple[Cell, ...]:
    return (
        found.opened_at.astimezone(zone),
        label(found.kind, DISCREPANCIES).text,
        found.item_name,
        found.lot_number,
        typed.measured(found.quantity, found.unit),
        typed.measured(found.open_quantity, found.unit),
        typed.SHOWN_UNIT[found.unit],
        found.used_on,
        found.state,
        found.closed_at.astimezone(zone) if found.closed_at else None,
        found.closing_note,
        str(found.appointment_id),
    )


PAGE = Page(router, SHELF)
