"""First expired, first out: which lots to take, on which day a lot is still good (IV-11, IV-15)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid5

from contracts.values import ItemId, LotId


@dataclass(frozen=True, slots=True)
class LotOnHand:
    """A lot as it lies on one shelf."""

    lot_id: LotId
    lot_number: str
    expires_on: date
    received_at: datetime
    on_hand: int


@dataclass(frozen=True, slots=True)
class Pick:
    """So much from this lot."""

    lot_id: LotId
    quantity: int


@dataclass(frozen=True, slots=True)
class Picked:
    """What was found for a need, and how much of it nobody has."""

    picks: tuple[Pick, ...]
    missing: int


def unrecorded_lot_id(item_id: ItemId) -> LotId:
    """Each item has one provisional lot for what was used while no lot of it was in the books (IV-31)."""
    return LotId(uuid5(item_id, "unrecorded"))


def is_expired(expires_on: date, *, on: date) -> bool:
    """A lot is good on its expiry date itself, and no longer on the next (IV-11)."""
    return on > expires_on


def in_order(lots: Iterable[LotOnHand], *, on: date) -> list[LotOnHand]:
    """The lots that may be used on this day, the first to expire in front (IV-15)."""
    usable = (lot for lot in lots if lot.on_hand > 0 and not is_expired(lot.expires_on, on=on))
    return sorted(usable, key=lambda lot: (lot.expires_on, lot.received_at, lot.lot_number, lot.lot_id))


def pick(lots: Iterable[LotOnHand], *, needed: int, on: date) -> Picked:
    """Take what is needed from as few of the first lots as it takes; an expired lot is never touched."""
    return _fill(in_order(lots, on=on), needed)


def _fill(lots: Sequence[LotOnHand], needed: int) -> Picked:
    picks: list[Pick] = []
    for lot in lots:
        if needed == 0:
            break
        quantity = min(needed, lot.on_hand)
        picks.append(Pick(lot.lot_id, quantity))
        needed -= quantity
    return Picked(tuple(picks), missing=needed)
