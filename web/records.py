"""A treatment record while it is filled in: rows of areas and products, read from the form and sent to booking."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from contracts.values import BaseUnit
from web import typed
from web.areas import depth_text
from web.clients.products import Suggestion, UsableLot
from web.errors import ApiProblem
from web.forms import key_of

Errors = dict[str, str]

CARTRIDGE = "cartridge"
"""The class of an item of which three areas, or the body, take a second one (IV-04)."""
PASSES = range(1, 21)
"""How often an area may be gone over in one session."""
NUMBING_TIMES = "Enter when the cream went on and when it came off."
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(slots=True)
class AreaRow:
    """One area as it was treated."""

    area: str = ""
    depth: str = ""
    passes: str = "2"
    reason: str = ""
    errors: Errors = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        given = {"area": self.area, "depth_hundredths_mm": int(self.depth), "passes": int(self.passes)}
        return given | ({"override_reason": self.reason.strip()} if self.reason.strip() else {})


@dataclass(slots=True)
class ProductRow:
    """One product that was used, and the lots it can have come from, first to expire first."""

    item_id: UUID
    name: str
    unit: BaseUnit
    quantity: str
    lot_id: str = ""
    lots: Sequence[UsableLot] = ()
    is_cartridge: bool = False
    errors: Errors = field(default_factory=dict)

    @property
    def first_to_expire(self) -> str:
        return str(self.lots[0].lot_id) if self.lots else ""

    @property
    def deviates(self) -> bool:
        """Another lot was chosen than the one that expires first."""
        return bool(self.lot_id and self.first_to_expire) and self.lot_id != self.first_to_expire

    def body(self) -> dict[str, Any]:
        return {
            "item_id": str(self.item_id),
            "lot_id": self.lot_id or None,
            "quantity": typed.quantity(self.quantity, self.unit),
        }


@dataclass(slots=True)
class Draft:
    """The record as it stands on the screen."""

    key: str
    version: int
    device_id: str = ""
    areas: list[AreaRow] = field(default_factory=list)
    products: list[ProductRow] = field(default_factory=list)
    numbed: bool = False
    numbing_on: str = ""
    numbing_off: str = ""
    reaction: str = ""
    """Nothing is chosen beforehand: a reaction that nobody looked at must not be signed."""
    aftercare: bool = False
    notes: str = ""
    errors: Errors = field(default_factory=dict)
    refused: str = ""

    @property
    def is_fine(self) -> bool:
        rows: list[AreaRow | ProductRow] = [*self.areas, *self.products]
        return not self.errors and not self.refused and not any(row.errors for row in rows)


def suggested(suggestion: Suggestion) -> ProductRow:
    """A usual product, with the lot that expires first already chosen (IV-11)."""
    return ProductRow(
        item_id=suggestion.item_id,
        name=suggestion.name,
        unit=suggestion.unit,
        quantity=typed.shown_quantity(suggestion.quantity, suggestion.unit),
        lot_id=str(suggestion.lot_id or ""),
        lots=suggestion.lots,
        is_cartridge=suggestion.item_class == CARTRIDGE,
    )


def read(form: FormData) -> Draft:
    """The form as it was sent; nothing is judged yet but what cannot be read."""
    draft = Draft(
        key=key_of(form.get("key")),
        version=_whole(_text(form, "version")),
        device_id=_text(form, "device_id"),
        areas=_areas(form),
        products=_products(form),
        numbed="numbed" in form,
        numbing_on=_text(form, "numbing_on"),
        numbing_off=_text(form, "numbing_off"),
        reaction=_text(form, "reaction"),
        aftercare="aftercare" in form,
        notes=_text(form, "notes"),
    )
    for row in draft.products:
        _check_quantity(row)
    for area in draft.areas:
        _check_area(area)
    if draft.numbed and not (CLOCK.fullmatch(draft.numbing_on) and CLOCK.fullmatch(draft.numbing_off)):
        draft.errors["numbing"] = NUMBING_TIMES
    return draft


def body(draft: Draft, *, on: date, zone: ZoneInfo) -> dict[str, Any]:
    """The record as booking takes it: instants with an offset, depths in hundredths of a millimetre."""
    sent: dict[str, Any] = {
        "version": draft.version,
        "areas": [row.body() for row in draft.areas],
        "products": [row.body() for row in draft.products],
        "reaction_grade": _whole(draft.reaction) if draft.reaction else None,
        "aftercare_given": draft.aftercare,
    }
    if draft.device_id:
        sent["device_id"] = draft.device_id
    if draft.notes.strip():
        sent["notes"] = draft.notes.strip()
    if draft.numbed:
        sent["numbing"] = {
            "on_at": _instant(draft.numbing_on, on, zone),
            "off_at": _instant(draft.numbing_off, on, zone),
        }
    return sent


def explain(draft: Draft, problem: ApiProblem) -> None:
    """Put a refusal where it belongs: at the row, at the field, else above the form."""
    if problem.code == "depth_not_allowed":
        _explain_depth(draft, problem.facts)
    elif problem.code == "device_not_usable":
        draft.errors["device_id"] = problem.title
    elif problem.code == "record_incomplete":
        _explain_missing(draft, problem.facts.get("missing", ()))
    elif problem.fields:
        for name, message in problem.fields.items():
            _explain_field(draft, name, message)
    if draft.is_fine:
        draft.refused = problem.title


def _areas(form: FormData) -> list[AreaRow]:
    columns = [[str(each) for each in form.getlist(name)] for name in ("area", "depth", "passes", "reason")]
    return [AreaRow(*row) for row in zip(*columns, strict=False) if row[0]]


def _products(form: FormData) -> list[ProductRow]:
    columns = [
        [str(each) for each in form.getlist(name)]
        for name in ("item_id", "item_name", "unit", "cartridge", "quantity", "lot_id")
    ]
    return [
        ProductRow(item_id, name, BaseUnit(unit), quantity, lot, is_cartridge=bool(cartridge))
        for item, name, unit, cartridge, quantity, lot in zip(*columns, strict=False)
        if (item_id := typed.reference(item)) and unit in set(BaseUnit)
    ]


def _check_area(row: AreaRow) -> None:
    if not row.depth.isdecimal():
        row.errors["depth"] = "Choose how deep."
    if _whole(row.passes) not in PASSES:
        row.errors["passes"] = f"Enter a whole number from {PASSES.start} to {PASSES[-1]}."


def _check_quantity(row: ProductRow) -> None:
    try:
        typed.quantity(row.quantity, row.unit)
    except typed.Misread as misread:
        row.errors["quantity"] = str(misread)


def _explain_depth(draft: Draft, facts: Mapping[str, Any]) -> None:
    area = str(facts.get("area", ""))
    least, greatest = facts.get("allowed", (0, 0))
    for row in draft.areas:
        if row.area != area:
            continue
        if facts.get("needs") == "override_reason" and not row.reason.strip():
            row.errors["reason"] = "This is deeper than usual here: write down why."
        elif not least <= int(row.depth) <= greatest:
            row.errors["depth"] = f"Between {depth_text(least)} and {depth_text(greatest)} with this device."


def _explain_missing(draft: Draft, missing: Sequence[str]) -> None:
    if "areas" in missing:
        draft.errors["areas"] = "Add at least one treated area."
    if "aftercare_given" in missing:
        draft.errors["aftercare"] = "Go through the aftercare advice with the patient, then tick this."
    if "reaction_grade" in missing:
        draft.errors["reaction"] = "Choose a grade for the reaction of the skin."
    if "numbing" in missing:
        draft.errors["numbing"] = NUMBING_TIMES


def _explain_field(draft: Draft, name: str, message: str) -> None:
    head, _, rest = name.partition(".")
    index, _, column = rest.partition(".")
    rows: Mapping[str, Sequence[AreaRow | ProductRow]] = {"areas": draft.areas, "products": draft.products}
    if head in rows and index.isdigit() and int(index) < len(rows[head]):
        shown = {"depth_hundredths_mm": "depth", "override_reason": "reason"}.get(column, column)
        rows[head][int(index)].errors[shown] = message
    else:
        draft.errors[{"reaction_grade": "reaction"}.get(head, head)] = message


def _instant(clock: str, on: date, zone: ZoneInfo) -> str:
    return datetime.combine(on, time.fromisoformat(clock), zone).isoformat()


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
