"""One item of the chain's catalogue: added by a stock keeper, renamed, given other packs, taken out of use."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import STOCK
from contracts.values import BaseUnit
from web import typed
from web.clients import items
from web.clients.items import Kept
from web.clients.stock import Pack
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.forms import Entered, entered
from web.labels import ITEM_KINDS, ITEM_UNITS
from web.menu import Page

router = APIRouter(prefix="/l/{place}/stock/items")

PACKS_MAX = 10
BLANK_PACKS = 2
PACK = ("label", "holds", "gtin")


@router.get("/new")
async def blank(desk: AtDesk) -> HTMLResponse:
    """The empty form."""
    return _form(desk, Entered.blank(item_class="cartridge", unit=BaseUnit.EACH))


@router.post("/new")
async def add(desk: AtDesk, request: Request) -> Response:
    """One more item; what treatments use of it is told on a page of its own."""
    form = await entered(request)
    form.need("name", "Enter what people call it, such as Cartridge, 12 pins.")
    code = form["code"] or typed.code(form["name"])
    if form["name"] and not code:
        form.errors["code"] = "Enter a short word, such as cart-12."
    unit = BaseUnit(form["unit"]) if form["unit"] in ITEM_UNITS else BaseUnit.EACH
    rows, packs = _packs(form, unit)
    if form.is_fine:
        body = {"code": code, "item_class": form["item_class"], "unit": unit, "name": form["name"], "packs": packs}
        try:
            added = await items.add(desk.api, body, key=form.key)
        except ApiProblem as problem:
            _refuse(form, problem, rows)
        else:
            return _back(desk, f"added={added.id}#i-{added.id}")
    return _form(desk, form, status=422)


@router.get("/{item_id}")
async def one(desk: AtDesk, item_id: UUID) -> HTMLResponse:
    """One as it is, to be changed."""
    known = await items.item(desk.api, item_id)
    packs = {
        f"{name}-{index}": value
        for index, pack in enumerate(known.packs)
        for name, value in zip(PACK, _shown(pack, known.unit), strict=True)
    }
    form = Entered.blank(**packs, name=known.name, version=str(known.version))
    return _form(desk, form, known)


@router.post("/{item_id}")
async def revise(desk: AtDesk, request: Request, item_id: UUID) -> Response:
    """Save it; or take it out of use, or put it back, with the button that was pressed."""
    known, form = await items.item(desk.api, item_id), await entered(request)
    form.need("name", "Enter what people call it, such as Cartridge, 12 pins.")
    rows, packs = _packs(form, known.unit)
    if form.is_fine:
        active = {"retire": False, "restore": True}.get(form["does"], known.active)
        body = {"version": typed.whole(form["version"]) or 0, "name": form["name"], "active": active, "packs": packs}
        try:
            await items.revise(desk.api, item_id, body, key=form.key)
        except ApiProblem as problem:
            _refuse(form, problem, rows)
        else:
            return _back(desk, f"done={item_id}#i-{item_id}")
    return _form(desk, form, known, status=422)


def _packs(form: Entered, unit: BaseUnit) -> tuple[list[int], list[dict[str, Any]]]:
    """The packs that somebody filled in, as inventory wants them, and at which lines of the form they stand."""
    rows = [index for index in range(PACKS_MAX) if any(form[f"{name}-{index}"] for name in PACK)]
    return rows, [_pack(form, index, unit) for index in rows]


def _pack(form: Entered, index: int, unit: BaseUnit) -> dict[str, Any]:
    label = form.need(f"label-{index}", "Enter what it is called, such as box of 20.")
    if label and label in {form[f"label-{before}"] for before in range(index)}:
        form.errors[f"label-{index}"] = "Another pack of this item is called so."
    quantity = form.read(f"holds-{index}", lambda text: typed.quantity(text, unit))
    return {"label": label, "quantity": quantity, "gtin": form[f"gtin-{index}"] or None}


def _shown(pack: Pack, unit: BaseUnit) -> tuple[str, str, str]:
    return pack.label, str(typed.measured(pack.quantity, unit)), pack.gtin or ""


def _refuse(form: Entered, problem: ApiProblem, rows: Sequence[int]) -> None:
    """What inventory says, at the field it is about."""
    match problem.code:
        case "code_taken":
            form.errors["code"] = "Another item has this code already. Enter another one."
        case "counted_in_pieces":
            form.errors["unit"] = "What is used once and thrown away is counted in pieces."
        case _:
            names = {"label": "label", "quantity": "holds", "gtin": "gtin"}
            fields = {
                f"packs.{at}.{theirs}": f"{ours}-{row}" for at, row in enumerate(rows) for theirs, ours in names.items()
            }
            form.refuse(problem, **fields)


def _form(desk: Desk, form: Entered, known: Kept | None = None, *, status: int = 200) -> HTMLResponse:
    filled = [index for index in range(PACKS_MAX) if any(form[f"{name}-{index}"] for name in PACK)]
    return desk.page(
        "pages/item.html",
        status=status,
        form=form,
        known=known,
        kinds=ITEM_KINDS.items(),
        units=ITEM_UNITS.items(),
        unit=ITEM_UNITS[known.unit] if known else "",
        rows=range(min(PACKS_MAX, max(filled, default=-1) + 1 + BLANK_PACKS)),
    )


def _back(desk: Desk, to: str) -> Response:
    return RedirectResponse(f"/l/{desk.place.code}/stock/items?{to}", status_code=303)


PAGE = Page(router, STOCK)
