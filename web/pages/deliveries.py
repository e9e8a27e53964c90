"""Deliveries: put one on the shelf, typed or scanned line by line; and what came before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import SHELF, STOCK
from contracts.values import BaseUnit
from web import typed
from web.clients import stock
from web.clients.stock import Deliveries, Delivery, DeliveryLine, Item, Pack
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import ROWS_AT_ONCE, Cell, whole_list
from web.forms import Entered, entered
from web.labels import ITEM_UNITS
from web.listing import TYPED_MAX, Listing, listing
from web.menu import Page

router = APIRouter()

COLUMNS = ("Received on", "Supplier", "Delivery note", "Item", "Lot", "Expires on", "Quantity", "Unit")
ROWS_SHOWN = 4
ROWS_MAX = 100
TYPED = ("item", "lot", "expires", "quantity")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form that somebody filled in."""

    index: int
    body: dict[str, Any]


@router.get("/l/{place}/stock/deliveries")
async def delivery_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """What came, the last one typed in first."""
    asked = _asked(request)
    found = await _found(desk, asked, asked.cursor)
    return desk.page("pages/deliveries.html", tab="deliveries", asked=asked, found=found, may_receive=desk.may(STOCK))


@router.get("/l/{place}/stock/deliveries.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """The deliveries of this search, a row per lot."""
    asked = _asked(request)

    async def some(cursor: str | None) -> tuple[Sequence[Delivery], str | None]:
        page = await _found(desk, asked, cursor, limit=ROWS_AT_ONCE)
        return page.items, page.next_cursor

    async def written(deliveries: Sequence[Delivery]) -> list[tuple[Cell, ...]]:
        return [_row(delivery, line) for delivery in deliveries for line in delivery.lines]

    return await whole_list(f"deliveries-{desk.place.code}", COLUMNS, some, written)


@router.get("/l/{place}/stock/deliveries/{delivery_id}")
async def delivery(desk: AtDesk, delivery_id: UUID, done: str = "") -> HTMLResponse:
    """One delivery with its lots."""
    found = await stock.delivery(desk.api, delivery_id)
    said = "The delivery is on the shelf. Its lots can be used from now on." if done == "received" else ""
    return desk.page("pages/delivery.html", delivery=found, done=said, may_receive=desk.may(STOCK))


@router.get("/l/{place}/stock/receive")
async def blank(desk: AtDesk, request: Request) -> HTMLResponse:
    """The empty form; what is known of a box that is missing is filled in, with the latest day it can have come."""
    desk.must(STOCK)
    asked = request.query_params
    known = {f"{name}-0": asked.get(name, "")[:TYPED_MAX] for name in ("item", "lot")}
    today = desk.place.today(desk.now).isoformat()
    return await _form(desk, Entered.blank(received_on=asked.get("came_by", "")[:TYPED_MAX] or today, **known))


@router.post("/l/{place}/stock/receive")
async def receive(desk: AtDesk, request: Request) -> Response:
    desk.must(STOCK)
    form = await entered(request)
    rows = _rows(form, await stock.items(desk.api))
    if not rows and form.is_fine:
        form.refused = "Enter at least one line: the item, its lot number, its expiry date and how much came."
    if not form.is_fine:
        return await _form(desk, form, status=422)
    body = {
        "location_id": str(desk.place.id),
        "lines": [row.body for row in rows],
        **{name: form[name] for name in ("supplier", "reference", "received_on") if form[name]},
    }
    try:
        received = await stock.receive(desk.api, body, key=form.key)
    except ApiProblem as problem:
        _refuse(form, problem, rows)
        return await _form(desk, form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/stock/deliveries/{received.id}?done=received", status_code=303)


def _asked(request: Request) -> Listing:
    return listing(request, typed=("q",), sorts=("id",), default="-id")


async def _found(desk: Desk, asked: Listing, cursor: str | None, *, limit: int = 50) -> Deliveries:
    return await stock.deliveries(desk.api, desk.place.id, q=asked["q"], sort=asked.sort, cursor=cursor, limit=limit)


def _row(delivery: Delivery, line: DeliveryLine) -> tuple[Cell, ...]:
    return (
        delivery.received_on,
        delivery.supplier,
        delivery.reference,
        line.item_name,
        line.lot_number,
        line.expires_on,
        typed.measured(line.quantity, line.unit),
        typed.SHOWN_UNIT[line.unit],
    )


def _rows(form: Entered, items: Sequence[Item]) -> list[Row]:
    """The lines as inventory wants them; lines that nobody touched are left out."""
    touched = (index for index in range(ROWS_MAX) if any(form[f"{name}-{index}"] for name in TYPED))
    return [Row(index, _line(form, index, items)) for index in touched]


def _line(form: Entered, index: int, items: Sequence[Item]) -> dict[str, Any]:
    item = find(items, form[f"item-{index}"])
    if item is None:
        form.errors[f"item-{index}"] = "Choose an item of the catalogue, or scan its box."
    lot = form.need(f"lot-{index}", "Enter the lot number printed on the box.")
    body: dict[str, Any] = {"lot_number": lot}
    if expires_on := form.read(f"expires-{index}", typed.day):
        body["expires_on"] = expires_on.isoformat()
    try:
        body |= _quantity(form, index, item)
    except typed.Misread as misread:
        form.errors[f"quantity-{index}"] = str(misread)
    if item is not None:
        body["item_id"] = str(item.id)
    if gtin := form[f"gtin-{index}"]:
        body["gtin"] = gtin
    return body


def _quantity(form: Entered, index: int, item: Item | None) -> dict[str, Any]:
    """So many packs, or so much in the item's own unit."""
    pack = next((each for each in item.packs if each.label == form[f"pack-{index}"]), None) if item else None
    if pack is not None:
        return {"quantity": typed.quantity(form[f"quantity-{index}"], BaseUnit.EACH), "pack": pack.label}
    return {"quantity": typed.quantity(form[f"quantity-{index}"], item.unit if item else BaseUnit.CENTI_ML)}


def find(items: Sequence[Item], text: str) -> Item | None:
    """The item with this name, code or GTIN."""
    wanted = text.strip().casefold()
    if not wanted:
        return None
    return next(
        (
            item
            for item in items
            if wanted in (item.name.casefold(), item.code.casefold())
            or any(pack.gtin and pack.gtin.lstrip("0") == wanted.lstrip("0") for pack in item.packs)
        ),
        None,
    )


def _refuse(form: Entered, problem: ApiProblem, rows: Sequence[Row]) -> None:
    """Put a refusal at the line that it is about: by its place in the request, or by its lot number."""
    fields = {"lot_number": "lot", "expires_on": "expires", "quantity": "quantity", "item_id": "item", "gtin": "item"}
    sent = enumerate(row.index for row in rows)
    names = {f"lines.{place}.{theirs}": f"{ours}-{row}" for place, row in sent for theirs, ours in fields.items()}
    form.refuse(problem, **names)
    lot = problem.facts.get("lot_number")
    guilty = next((row for row in rows if lot is not None and row.body["lot_number"] == lot), None)
    if guilty is not None and form.refused:
        form.errors[f"expires-{guilty.index}"] = form.refused
        form.refused = ""


async def _form(desk: Desk, form: Entered, *, status: int = 200) -> HTMLResponse:
    items = [item for item in await stock.items(desk.api) if item.active]
    filled = [index for index in range(ROWS_MAX) if any(form[f"{name}-{index}"] for name in TYPED)]
    return desk.page(
        "pages/receive.html",
        status=status,
        form=form,
        items=items,
        rows=range(max(ROWS_SHOWN, max(filled, default=-1) + 2)),
        known=[_known(item) for item in items],
    )


def _known(item: Item) -> dict[str, Any]:
    """What the page's script needs to know of an item."""
    return {
        "name": item.name,
        "code": item.code,
        "unit": ITEM_UNITS[item.unit],
        "packs": [_pack(each) for each in item.packs],
    }


def _pack(pack: Pack) -> dict[str, str | None]:
    return {"label": pack.label, "gtin": pack.gtin}


PAGE = Page(router, SHELF)
