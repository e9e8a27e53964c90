"""What a session of each treatment uses when nobody writes it down: looked at by the clinic, kept by stock keepers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import MANAGEMENT, SHELF, STOCK
from contracts.values import BaseUnit
from web import typed
from web.clients import items, stock
from web.clients.items import Material, Usage
from web.clients.stock import Item
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import Cell, csv_file, one_batch
from web.forms import Entered, entered
from web.labels import ITEM_CLASSES, ITEM_UNITS
from web.listing import Listing, listing, matches
from web.menu import Page

router = APIRouter(prefix="/l/{place}/stock")

COLUMNS = ("Treatment", "Code", "Item", "Item code", "Quantity", "Unit")
STATES = (("", "All"), ("nothing", "Using nothing"))
LINES_MAX = 50
BLANK_LINES = 3


@router.get("/materials")
async def usage_list(desk: AtDesk, request: Request, done: str = "") -> HTMLResponse:
    """Each treatment with what one session of it uses."""
    asked, found = _asked(request), await items.usages(desk.api)
    saved = next((usage for usage in found if usage.treatment == done), None)
    return desk.page(
        "pages/materials.html",
        tab="materials",
        asked=asked,
        found=_chosen(found, asked),
        nothing=sum(not usage.lines for usage in found),
        states=STATES,
        may_set=desk.may(STOCK),
        may_offer=desk.may(MANAGEMENT),
        done=f"What a session of {saved.title} uses is saved. It counts for sessions from now on." if saved else "",
    )


@router.get("/materials.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """The same, a row per item."""
    found = _chosen(await items.usages(desk.api), _asked(request))
    return await csv_file("materials", COLUMNS, one_batch(row for usage in found for row in _cells(usage)))


@router.get("/materials/{treatment}")
async def one(desk: AtDesk, treatment: str) -> HTMLResponse:
    """What it uses now, to be changed."""
    desk.must(STOCK)
    known = await _known(desk, treatment)
    values = {"looked_at": _kept(known.lines)}
    for index, line in enumerate(known.lines):
        values |= {
            f"item-{index}": str(line.item_id),
            f"quantity-{index}": str(typed.measured(line.quantity, line.unit)),
        }
    return await _form(desk, known, Entered.blank(**values))


@router.post("/materials/{treatment}")
async def use(desk: AtDesk, request: Request, treatment: str) -> Response:
    """From now on a session uses exactly this."""
    desk.must(STOCK)
    known, form = await _known(desk, treatment), await entered(request)
    catalogue = {str(item.id): item for item in await stock.items(desk.api)}
    rows = [index for index in range(LINES_MAX) if form[f"item-{index}"] or form[f"quantity-{index}"]]
    lines = [_line(form, index, catalogue) for index in rows]
    _must_be_once(form, rows, lines)
    if not form.is_fine:
        return await _form(desk, known, form, status=422)
    try:
        await items.use(desk.api, treatment, lines, replaces=_looked_at(form), key=form.key)
    except ApiProblem as problem:
        names = {f"lines.{at}.quantity": f"quantity-{row}" for at, row in enumerate(rows)}
        form.refuse(problem, **names)
        if problem.code == "materials_changed":
            now = ", ".join(_said(line) for line in known.lines) or "nothing"
            form.refused = (
                f"Somebody else changed this meanwhile. Now a session uses: {now}. Save yours to replace that."
            )
            form.values = {**form.values, "looked_at": _kept(known.lines)}
        return await _form(desk, known, form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/stock/materials?done={treatment}", status_code=303)


def _line(form: Entered, index: int, catalogue: Mapping[str, Item]) -> dict[str, Any]:
    item = catalogue.get(form[f"item-{index}"])
    if item is None:
        form.errors[f"item-{index}"] = "Choose an item, or empty this line."
        return {}
    quantity = form.read(f"quantity-{index}", lambda text: typed.quantity(text, item.unit))
    return {"item_id": str(item.id), "quantity": quantity}


def _must_be_once(form: Entered, rows: Sequence[int], lines: Sequence[Mapping[str, Any]]) -> None:
    seen: set[str] = set()
    for index, line in zip(rows, lines, strict=True):
        item_id = line.get("item_id", "")
        if item_id and item_id in seen:
            form.errors[f"item-{index}"] = "This item stands above already. Enter all of it there."
        seen.add(item_id)


def _kept(lines: Iterable[Material]) -> str:
    """What was looked at, for a hidden field: `<item>:<quantity> …` in order."""
    return " ".join(f"{line.item_id}:{line.quantity}" for line in lines)


def _looked_at(form: Entered) -> list[dict[str, Any]]:
    parts = (part.partition(":") for part in form["looked_at"].split()[:LINES_MAX])
    return [{"item_id": item_id, "quantity": typed.whole(quantity) or 0} for item_id, _, quantity in parts]


def _said(line: Material) -> str:
    return f"{line.name} {typed.shown_quantity(line.quantity, line.unit)}"


async def _known(desk: Desk, treatment: str) -> Usage:
    for each in await items.usages(desk.api):
        if each.treatment == treatment:
            return each
    raise ApiProblem(404, "not_found", "There is no such treatment.")


async def _form(desk: Desk, known: Usage, form: Entered, *, status: int = 200) -> HTMLResponse:
    used = {line.item_id for line in known.lines}
    choices = [item for item in await stock.items(desk.api) if item.active or item.id in used]
    filled = [index for index in range(LINES_MAX) if form[f"item-{index}"] or form[f"quantity-{index}"]]
    return desk.page(
        "pages/material.html",
        status=status,
        known=known,
        form=form,
        choices=_by_kind(choices),
        units={str(item.id): ITEM_UNITS[item.unit] for item in choices},
        rows=range(min(LINES_MAX, max(filled, default=-1) + 1 + BLANK_LINES)),
    )


def _by_kind(choices: Sequence[Item]) -> dict[str, list[Item]]:
    """By name under the kind of item, in the order of the kinds."""
    kinds = {kind: [item for item in choices if item.item_class == kind] for kind in ITEM_CLASSES}
    return {label.text: kinds[kind] for kind, label in ITEM_CLASSES.items() if kinds[kind]}


def _asked(request: Request) -> Listing:
    return listing(request, sorts=("name",), default="name", typed=("q",), state=("nothing",))


def _chosen(found: Iterable[Usage], asked: Listing) -> list[Usage]:
    wanted = [
        usage
        for usage in found
        if not (asked["state"] and usage.lines)
        and matches(asked["q"], usage.title, usage.treatment, *(line.name for line in usage.lines))
    ]
    return asked.ordered(wanted, {"name": lambda usage: usage.title.casefold()})


def _cells(usage: Usage) -> Iterable[tuple[Cell, ...]]:
    for line in usage.lines:
        unit = BaseUnit(line.unit)
        quantity = typed.measured(line.quantity, unit)
        yield (usage.title, usage.treatment, line.name, line.code, quantity, typed.SHOWN_UNIT[unit])
    if not usage.lines:
        yield (usage.title, usage.treatment, None, None, None, None)


PAGE = Page(router, SHELF)
