"""Taking stock in hand and moving it: every movement and both its levels change in one transaction (I12).

The lock of a stock level, taken in sorted order, guards the item at that location with all its lots. What a
transaction holds is loaded once and then changed in memory; a batch of five hundred sessions costs a few statements.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from chassis.clock import new_id
from chassis.compiled import Statement
from chassis.db import Tx
from chassis.many import Many, among
from chassis.outbox import emit
from contracts.values import ItemId, LocationId, LotId
from services.inventory.stock.model import (
    Lot,
    LotLevel,
    LotState,
    Move,
    Movement,
    MovementType,
    StockLevel,
)
from services.inventory.stock.picking import LotOnHand, unrecorded_lot_id

Spot = tuple[ItemId, LocationId]
"""An item at a location."""
LotName = tuple[ItemId, str]
"""What is printed on a box."""


@dataclass(slots=True)
class Shelf:
    """What this transaction holds; nobody else changes it until the transaction ends."""

    levels: dict[Spot, StockLevel] = field(default_factory=dict)
    lot_levels: dict[Spot, dict[LotId, LotLevel]] = field(default_factory=dict)
    lots: dict[LotId, Lot] = field(default_factory=dict)
    unwritten: list[Move] = field(default_factory=list)

    def on_hand(self, spot: Spot) -> list[LotOnHand]:
        """The labelled lots of an item at a location, to pick from."""
        return [each for level in self.lot_levels[spot].values() for each in level.to_pick]

    def has_negative(self, spot: Spot) -> bool:
        """Whether more of some lot was used here than the books hold."""
        return any(each.on_hand < 0 for each in self.lot_levels[spot].values())

    async def write(self, tx: Tx) -> None:
        """Write the movements that are only counted so far; whoever reads them in this transaction asks for it."""
        moves, self.unwritten = self.unwritten, []
        if moves:
            await _WRITE(tx, **_MOVES.of({name: getattr(move, name) for name in _MOVES.names} for move in moves))

    async def finish(self, tx: Tx) -> None:
        await self.write(tx)


_MOVES = Many(Movement, *(each.name for each in fields(Move)))
_WRITE = Statement(_MOVES.insert())
_SPOTS = Many(StockLevel, "item_id", "location_id")
_LOCK = (
    select(StockLevel)
    .where(tuple_(StockLevel.item_id, StockLevel.location_id).in_(select(_SPOTS.rows)))
    .order_by(StockLevel.item_id, StockLevel.location_id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_WITH_LOT = select(LotLevel).options(joinedload(LotLevel.lot))
_THERE = _WITH_LOT.where(tuple_(LotLevel.item_id, LotLevel.location_id).in_(select(_SPOTS.rows)), LotLevel.on_hand != 0)
_NAMED = _WITH_LOT.where(among(LotLevel.lot_id, "lots"), among(LotLevel.location_id, "locations"))
_PROVISIONAL = Many(Lot, "id", "item_id", "state")
_MAKE_PROVISIONAL = _PROVISIONAL.insert().on_conflict_do_nothing()


async def hold(tx: Tx, spots: Iterable[Spot], *, lots: Collection[Lot] = ()) -> Shelf:
    """Lock these items at these locations, in sorted order, and load their lots; these `lots` even if none is left."""
    shelf = tx.gathered(Shelf)
    shelf.lots.update({lot.id: lot for lot in lots})
    new = sorted(set(spots) - shelf.levels.keys())
    await _lock(tx, shelf, new)
    missing = [spot for spot in new if spot not in shelf.levels]
    if missing:
        rows = [_empty_level(item_id, location_id) for item_id, location_id in missing]
        await tx.execute(insert(StockLevel).on_conflict_do_nothing(), rows)
        await _lock(tx, shelf, missing)
    await _load_lots(tx, shelf, new, [lot.id for lot in lots])
    return shelf


async def _lock(tx: Tx, shelf: Shelf, spots: Sequence[Spot]) -> None:
    if not spots:
        return
    for level in await tx.scalars(_LOCK, _spots(spots)):
        shelf.levels[level.item_id, level.location_id] = level
        shelf.lot_levels[level.item_id, level.location_id] = {}


async def _load_lots(tx: Tx, shelf: Shelf, spots: Sequence[Spot], named: Sequence[LotId]) -> None:
    if not spots and not named:
        return
    provisional = {unrecorded_lot_id(item_id) for item_id, _ in spots}
    locations = {location_id for _, location_id in shelf.levels}
    there = await tx.scalars(_THERE, _spots(spots))
    asked = {"lots": list({*named, *provisional}), "locations": list(locations)}
    for level in (*there, *await tx.scalars(_NAMED, asked)):
        shelf.lots[level.lot_id] = level.lot
        here = shelf.lot_levels.get((level.item_id, level.location_id))
        if here is not None:
            here.setdefault(level.lot_id, level)


def _spots(spots: Iterable[Spot]) -> dict[str, list[Any]]:
    return _SPOTS.of({"item_id": item_id, "location_id": location_id} for item_id, location_id in spots)


def _empty_level(item_id: ItemId, location_id: LocationId) -> dict[str, Any]:
    return {
        "id": new_id(),
        "item_id": item_id,
        "location_id": location_id,
        "on_hand": 0,
        "reorder_point": 0,
        "version": 0,
    }


def record(tx: Tx, shelf: Shelf, moves: Sequence[Move]) -> list[int]:
    """Keep these movements and count them; tells what is now low. Returns, for each, how much its lot did not have.

    All of them are of one moment and one source, and of lots that the shelf knows.
    """
    missing = [_count(tx, shelf, move) for move in moves]
    shelf.unwritten.extend(moves)
    net: dict[Spot, int] = defaultdict(int)
    for move in moves:
        net[move.item_id, move.location_id] += move.quantity
    for spot in sorted(net):
        if low := shelf.levels[spot].change(net[spot], at=moves[0].occurred_at):
            emit(tx, low)
    return missing


def _count(tx: Tx, shelf: Shelf, move: Move) -> int:
    here = shelf.lot_levels[move.item_id, move.location_id]
    level = here.get(move.lot_id)
    if level is None:
        level = here[move.lot_id] = LotLevel(
            lot_id=move.lot_id,
            location_id=move.location_id,
            item_id=move.item_id,
            on_hand=0,
            received_at=None,
            lot=shelf.lots[move.lot_id],
        )
        tx.add(level)
    before, level.on_hand = level.on_hand, level.on_hand + move.quantity
    if move.type is MovementType.RECEIPT and level.received_at is None:
        level.received_at = move.occurred_at
    return max(0, min(-move.quantity, -level.on_hand)) if level.on_hand < before else 0


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed on a box beside the name of the lot."""

    expires_on: date
    gtin: str | None = None


async def find_or_make_lots(tx: Tx, labels: Mapping[LotName, Label]) -> dict[LotName, Lot]:
    """The lots with these names, made where they are new. Whether a known one has this label, the caller asks it."""
    rows = [
        {
            "id": new_id(),
            "item_id": item_id,
            "lot_number": lot_number,
            "expires_on": label.expires_on,
            "gtin": label.gtin,
            "state": LotState.USABLE,
        }
        for (item_id, lot_number), label in sorted(labels.items(), key=lambda each: each[0])
    ]
    if not rows:
        return {}
    await tx.execute(insert(Lot).on_conflict_do_nothing(index_elements=["item_id", "lot_number"]), rows)
    found = await tx.scalars(select(Lot).where(tuple_(Lot.item_id, Lot.lot_number).in_(list(labels))))
    return {(lot.item_id, lot.lot_number or ""): lot for lot in found}


async def provisional_lots(tx: Tx, wanted: Mapping[LotId, ItemId]) -> None:
    """Make sure that these lots exist, without a label where nobody has recorded their delivery (IV-31)."""
    rows = [
        {"id": lot_id, "item_id": item_id, "state": LotState.PROVISIONAL} for lot_id, item_id in sorted(wanted.items())
    ]
    if rows:
        await tx.execute(_MAKE_PROVISIONAL, _PROVISIONAL.of(rows))


async def set_reorder_points(
    tx: Tx, item_id: ItemId, points: Mapping[LocationId, int], *, at: datetime
) -> list[StockLevel]:
    """From which level on an item is told to be low, by location; tells at once where it is already."""
    shelf = await hold(tx, [(item_id, location_id) for location_id in points])
    levels = [shelf.levels[item_id, location_id] for location_id in sorted(points)]
    for level in levels:
        if low := level.reorder_at(points[level.location_id], at=at):
            emit(tx, low)
    return levels
