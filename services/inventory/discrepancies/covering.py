"""Which shortages a delivery explains (IV-31, AC-1)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.values import ItemId, LotId
from services.inventory.stock.picking import is_expired


@dataclass(frozen=True, slots=True)
class Gap:
    """So much was used that the books did not hold."""

    id: UUID
    item_id: ItemId
    lot_id: LotId
    is_provisional: bool
    quantity: int
    used_on: date


@dataclass(slots=True)
class Come:
    """So much of a lot came, and is not yet spoken for."""

    item_id: ItemId
    lot_id: LotId
    expires_on: date
    quantity: int


@dataclass(frozen=True, slots=True)
class Cover:
    """So much of a gap is explained by this lot."""

    gap: Gap
    lot_id: LotId
    quantity: int


def cover(gaps: Sequence[Gap], come: Sequence[Come], *, arrived_on: date) -> list[Cover]:
    """The oldest gap first: a lot that was written down by that lot alone, an unknown one by any that was good then.

    A delivery explains nothing unknown that was used before the day on which it arrived.
    """
    named = [each for gap in gaps if not gap.is_provisional for each in _fill(gap, _same_lot(gap, come))]
    unknown = [
        each
        for gap in gaps
        if gap.is_provisional and gap.used_on >= arrived_on
        for each in _fill(gap, _good_then(gap, come))
    ]
    return named + unknown


def _same_lot(gap: Gap, come: Iterable[Come]) -> list[Come]:
    return [each for each in come if each.lot_id == gap.lot_id]


def _good_then(gap: Gap, come: Iterable[Come]) -> list[Come]:
    good = (each for each in come if each.item_id == gap.item_id and not is_expired(each.expires_on, on=gap.used_on))
    return sorted(good, key=lambda each: (each.expires_on, each.lot_id))


def _fill(gap: Gap, come: Iterable[Come]) -> Iterator[Cover]:
    needed = gap.quantity
    for each in come:
        quantity = min(needed, each.quantity)
        if quantity > 0:
            each.quantity -= quantity
            needed -= quantity
            yield Cover(gap, each.lot_id, quantity)
