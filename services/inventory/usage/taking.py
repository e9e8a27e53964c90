"""From the lines of a session to the lots that were used (IV-04, IV-15, IV-31)."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from contracts.values import ItemId, LotId
from services.inventory.boms.usecases import Material
from services.inventory.stock.picking import LotOnHand, pick, unrecorded_lot_id

CARTRIDGES_WHERE_ONE_DOES_NOT_LAST = 2


@dataclass(frozen=True, slots=True)
class Line:
    """So much of an item; without a lot when nobody wrote one down."""

    item_id: ItemId
    quantity: int
    lot_id: LotId | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """So much of an item from one lot."""

    item_id: ItemId
    lot_id: LotId
    quantity: int
    is_recorded: bool


Taking = tuple[ItemId, LotId]


def by_bill(materials: Iterable[Material], *, in_pairs: Container[ItemId]) -> list[Line]:
    """What a treatment takes by default; of cartridges two, where one does not last (IV-04)."""
    return [
        Line(each.item_id, max(each.quantity, CARTRIDGES_WHERE_ONE_DOES_NOT_LAST if each.item_id in in_pairs else 0))
        for each in materials
    ]


def take(lines: Iterable[Line], *, shelves: Mapping[ItemId, Sequence[LotOnHand]], on: date) -> list[Taken]:
    """Each lot once. A lot that was written down is a fact, whatever lies there; the rest is picked from what is left.

    What is nowhere on the shelf was taken from the item's unrecorded lot.
    """
    taken: dict[Taking, Taken] = {}
    for line in sorted(lines, key=lambda each: each.lot_id is None):
        if line.lot_id is not None:
            _add(taken, Taken(line.item_id, line.lot_id, line.quantity, is_recorded=True))
            continue
        picked = pick(_left(shelves.get(line.item_id, ()), taken, line.item_id), needed=line.quantity, on=on)
        for each in picked.picks:
            _add(taken, Taken(line.item_id, each.lot_id, each.quantity, is_recorded=False))
        if picked.missing:
            nobody_knows = unrecorded_lot_id(line.item_id)
            _add(taken, Taken(line.item_id, nobody_knows, picked.missing, is_recorded=False))
    return list(taken.values())


def _add(taken: dict[Taking, Taken], more: Taken) -> None:
    already = taken.setdefault((more.item_id, more.lot_id), replace(more, quantity=0))
    taken[more.item_id, more.lot_id] = replace(already, quantity=already.quantity + more.quantity)


def _left(shelf: Iterable[LotOnHand], taken: Mapping[Taking, Taken], item_id: ItemId) -> list[LotOnHand]:
    gone = {each.lot_id: each.quantity for each in taken.values() if each.item_id == item_id}
    return [replace(lot, on_hand=lot.on_hand - gone.get(lot.lot_id, 0)) for lot in shelf]
