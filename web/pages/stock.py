"""Stock: what lies on the shelf of a location, what expires, what runs low, and from when on it is low."""

from asyncio import gather
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import SHELF, STOCK
from web import elapsed, typed
from web.clients import discrepancies, stock
from web.clients.stock import Item, Level, LotOnShelf
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import Cell, csv_file, one_batch
from web.forms import Entered, entered
from web.labels import ITEM_CLASSES, LOTS, label
from web.listing import Listing, listing, matches
from web.menu import Entry, Page, Section

router = APIRouter()

STATES = (("", "All"), ("low", "Low"), ("expiring", "Expiring"), ("expired", "Expired"))
ADDED = "The item is added. Say under What sessions use which treatments need it, and receive its first delivery."
MISMATCHES_MAX = 100
"""More are told as 100+."""
SORTS = ("name", "on_hand", "expiry")
ITEM_SORTS = ("name", "kind", "on_hand")
SHELF_COLUMNS = ("Item", "Code", "Kind", "Lot", "Expires on", "Lot state", "On hand", "Unit", "Reorder at")
ITEM_COLUMNS = ("Item", "Code", "Kind", "Packs", "On hand", "Reorder at", "Unit", "State")


@router.get("/l/{place}/stock")
async def shelf(desk: AtDesk, request: Request) -> HTMLResponse:
    """Each item with its lots."""
    asked = _asked(request)
    today = desk.place.today(desk.now)
    levels, mismatches = await gather(
        stock.levels(desk.api, desk.place.id),
        discrepancies.discrepancies(desk.api, desk.place.id, state="open", limit=MISMATCHES_MAX),
    )
    return desk.page(
        "pages/stock.html",
        tab="stock",
        asked=asked,
        levels=chosen(levels, asked, today),
        states=STATES,
        kinds=[("", "Every kind"), *((key, text.text) for key, text in ITEM_CLASSES.items())],
        figures=figures(levels, today),
        overdue=sum(each.urgency != "none" for each in mismatches.items),
        mismatches=f"{len(mismatches.items)}{'+' if mismatches.next_cursor else ''}",
        today=today,
        may_receive=desk.may(STOCK),
    )


@router.get("/l/{place}/stock.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """The shelf as these filters show it, in this order: a row per lot, and one for an item without any."""
    levels = chosen(await stock.levels(desk.api, desk.place.id), _asked(request), desk.place.today(desk.now))
    rows = [_row(level, lot) for level in levels for lot in (level.lots or (None,))]
    return await csv_file(f"stock-{desk.place.code}", SHELF_COLUMNS, one_batch(rows))


@router.get("/l/{place}/stock/items")
async def item_list(desk: AtDesk, request: Request, done: str = "", added: str = "") -> HTMLResponse:
    """The chain's catalogue, and below which quantity each item is low here."""
    return await _items(desk, request, done=done, added=added)


@router.get("/l/{place}/stock/items.csv")
async def item_file(desk: AtDesk, request: Request) -> Response:
    """The catalogue as these filters show it."""
    items, levels = await _catalogue(desk, _items_asked(request))
    rows = [_item_row(item, levels.get(item.id)) for item in items]
    return await csv_file(f"items-{desk.place.code}", ITEM_COLUMNS, one_batch(rows))


@router.post("/l/{place}/stock/items/{item_id}/reorder-point")
async def reorder_at(desk: AtDesk, request: Request, item_id: UUID) -> Response:
    """Say from when on an item is low here; 0 stands for never."""
    form = await entered(request)
    item = next((each for each in await stock.items(desk.api) if each.id == item_id), None)
    if item is None:
        raise ApiProblem(404, "not_found", "There is no such item.")
    try:
        point = 0 if form["point"] in ("", "0") else typed.quantity(form["point"], item.unit)
        await stock.reorder_at(desk.api, item_id, desk.place.id, point, key=form.key)
    except typed.Misread as misread:
        form.errors[str(item_id)] = str(misread)
    except ApiProblem as problem:
        form.refuse(problem)
        form.errors[str(item_id)] = form.refused or "; ".join(form.errors.values())
    if form.errors:
        return await _items(desk, request, form=form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/stock/items?done={item_id}#i-{item_id}", status_code=303)


async def _items(
    desk: Desk, request: Request, *, form: Entered | None = None, done: str = "", added: str = "", status: int = 200
) -> HTMLResponse:
    asked = _items_asked(request)
    items, levels = await _catalogue(desk, asked)
    return desk.page(
        "pages/items.html",
        status=status,
        tab="items",
        asked=Listing(f"/l/{desk.place.code}/stock/items", asked.filters, asked.sort),
        items=items,
        levels=levels,
        kinds=[("", "Every kind"), *((key, text.text) for key, text in ITEM_CLASSES.items())],
        form=form or Entered.blank(),
        fresh_key=lambda: Entered.blank().key,
        bare=typed.measured,
        units=typed.SHOWN_UNIT,
        may_set=desk.may(STOCK),
        done=done,
        added=ADDED if added in {str(item.id) for item in items} else "",
    )


def _asked(request: Request) -> Listing:
    states = (state for state, _ in STATES if state)
    return listing(request, sorts=SORTS, default="name", typed=("q",), state=states, kind=ITEM_CLASSES)


def _items_asked(request: Request) -> Listing:
    return listing(request, sorts=ITEM_SORTS, default="name", typed=("q",), kind=ITEM_CLASSES)


async def _catalogue(desk: Desk, asked: Listing) -> tuple[list[Item], dict[UUID, Level]]:
    """The items that fit the filters in the asked order, and what lies of each here."""
    items, shelf = await gather(stock.items(desk.api), stock.levels(desk.api, desk.place.id))
    levels = {level.item.id: level for level in shelf}
    wanted = [
        item for item in items if matches(asked["q"], item.name, item.code) and asked["kind"] in ("", item.item_class)
    ]
    keys: dict[str, Any] = {
        "name": lambda item: item.name.casefold(),
        "kind": lambda item: label(item.item_class, ITEM_CLASSES).text,
        "on_hand": lambda item: levels[item.id].on_hand if item.id in levels else None,
    }
    return asked.ordered(wanted, keys), levels


def _row(level: Level, lot: LotOnShelf | None) -> tuple[Cell, ...]:
    unit = level.item.unit
    return (
        level.item.name,
        level.item.code,
        label(level.item.item_class, ITEM_CLASSES).text,
        lot.lot_number if lot else None,
        lot.expires_on if lot else None,
        label(lot.state, LOTS).text if lot else None,
        typed.measured(lot.on_hand if lot else 0, unit),
        typed.SHOWN_UNIT[unit],
        typed.measured(level.reorder_point, unit),
    )


def _item_row(item: Item, level: Level | None) -> tuple[Cell, ...]:
    return (
        item.name,
        item.code,
        label(item.item_class, ITEM_CLASSES).text,
        ", ".join(pack.label for pack in item.packs),
        typed.measured(level.on_hand, item.unit) if level else None,
        typed.measured(level.reorder_point, item.unit) if level else None,
        typed.SHOWN_UNIT[item.unit],
        "in use" if item.active else "no longer used",
    )


def chosen(levels: Sequence[Level], asked: Listing, today: date) -> list[Level]:
    """The levels that fit the filters, in the asked order."""
    kind, state = asked["kind"], asked["state"]
    found = [
        level
        for level in levels
        if matches(asked["q"], level.item.name, level.item.code, *(lot.lot_number for lot in level.lots))
        and kind in ("", level.item.item_class)
        and (not state or _is(level, state, today))
    ]
    keys: dict[str, Any] = {
        "name": lambda level: level.item.name.casefold(),
        "on_hand": lambda level: level.on_hand,
        "expiry": lambda level: level.first_expiry,
    }
    return asked.ordered(found, keys)


def figures(levels: Sequence[Level], today: date) -> dict[str, int]:
    """How many items are low, and how many lots expire soon or lie there expired."""
    lots = [lot for level in levels for lot in level.lots if lot.on_hand > 0]
    return {
        "items": len(levels),
        "low": sum(level.low for level in levels),
        "expiring": sum(not lot.expired and _is_soon(lot.expires_on, today) for lot in lots),
        "expired": sum(lot.expired for lot in lots),
    }


def _is(level: Level, state: str, today: date) -> bool:
    if state == "low":
        return level.low
    lots = [lot for lot in level.lots if lot.on_hand > 0]
    if state == "expired":
        return any(lot.expired for lot in lots)
    return any(not lot.expired and _is_soon(lot.expires_on, today) for lot in lots)


def _is_soon(expires_on: date | None, today: date) -> bool:
    return expires_on is not None and (expires_on - today).days <= elapsed.EXPIRES_SOON_DAYS


PAGE = Page(router, SHELF, (Entry(Section.STOCK, "Stock", "packages", "stock", SHELF),))
