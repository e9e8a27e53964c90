"""Reads of the shelf: what lies where, which lot goes first, where a lot went."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload, selectinload

from chassis.db import Tx
from contracts.values import ItemId, LocationId, LotId, ReceiptId
from services.inventory.catalogue.model import Location
from services.inventory.items.model import Item
from services.inventory.stock.model import Lot, LotLevel, LotState, Movement, MovementType, StockLevel
from services.inventory.stock.picking import LotOnHand, in_order

LOTS_MAX = 200


@dataclass(frozen=True, slots=True)
class OnShelf:
    """An item at a location, with the lots that lie there or are missing there."""

    item: Item
    level: StockLevel
    lots: Sequence[LotLevel]


@dataclass(frozen=True, slots=True)
class Received:
    """So much of a lot came with one delivery."""

    receipt_id: ReceiptId
    location_id: LocationId
    quantity: int
    at: datetime


async def shelf(tx: Tx, location_id: LocationId) -> Sequence[OnShelf]:
    """All items that ever lay at this location, by name; the lots first to expire in front."""
    levels = await tx.execute(
        select(StockLevel, Item)
        .join(Item, Item.id == StockLevel.item_id)
        .where(StockLevel.location_id == location_id)
        .order_by(Item.name, Item.id)
        .options(selectinload(Item.packs))
    )
    lots = await _lot_levels(tx, LotLevel.location_id == location_id)
    return [OnShelf(item, level, lots.get(item.id, ())) for level, item in levels]


async def lots_in_order(
    tx: Tx, location_id: LocationId, items: Sequence[ItemId], *, on: date
) -> dict[ItemId, list[LotOnHand]]:
    """The lots of these items that may be used here on this day, the first to expire in front (IV-15)."""
    lots = await _lot_levels(tx, LotLevel.location_id == location_id, LotLevel.item_id.in_(sorted(set(items))))
    return {
        item_id: in_order([each for level in lots.get(item_id, ()) for each in level.to_pick], on=on)
        for item_id in items
    }


async def _lot_levels(tx: Tx, *conditions: ColumnElement[bool]) -> dict[ItemId, list[LotLevel]]:
    wanted = (
        select(LotLevel)
        .join(LotLevel.lot)
        .where(LotLevel.on_hand != 0, *conditions)
        .order_by(Lot.expires_on.nulls_first(), Lot.lot_number, LotLevel.lot_id)
        .options(joinedload(LotLevel.lot))
    )
    found: dict[ItemId, list[LotLevel]] = defaultdict(list)
    for level in await tx.scalars(wanted):
        found[level.item_id].append(level)
    return found


async def lots(tx: Tx, *, q: str | None, item_id: ItemId | None, state: LotState | None) -> Sequence[tuple[Lot, Item]]:
    """Lots whose number begins so, whatever its capitals: what a recall notice is looked up by (IV-19)."""
    wanted = select(Lot, Item).join(Item, Item.id == Lot.item_id).order_by(Lot.lot_number, Lot.id).limit(LOTS_MAX)
    if q:
        wanted = wanted.where(Lot.lot_number.istartswith(q, autoescape=True))
    if item_id:
        wanted = wanted.where(Lot.item_id == item_id)
    if state:
        wanted = wanted.where(Lot.state == state)
    return [(row[0], row[1]) for row in await tx.execute(wanted)]


async def where_it_lies(tx: Tx, lot_id: LotId, *conditions: ColumnElement[bool]) -> dict[LocationId, int]:
    """How much of a lot is at which location."""
    rows = await tx.execute(
        select(LotLevel.location_id, LotLevel.on_hand)
        .where(LotLevel.lot_id == lot_id, LotLevel.on_hand != 0, *conditions)
        .order_by(LotLevel.location_id)
    )
    return {row.location_id: row.on_hand for row in rows}


async def receipts_of(tx: Tx, lot_id: LotId, *conditions: ColumnElement[bool]) -> Sequence[Received]:
    """The deliveries that a lot came with, oldest first."""
    rows = await tx.execute(
        select(Movement.source_id, Movement.location_id, Movement.quantity, Movement.occurred_at)
        .where(Movement.lot_id == lot_id, Movement.type == MovementType.RECEIPT, *conditions)
        .order_by(Movement.occurred_at, Movement.id)
    )
    return [Received(ReceiptId(row[0]), *row[1:]) for row in rows]


def shelf_file(location_id: LocationId) -> "Select[*tuple[Any, ...]]":
    """One row per lot at a location, for a spreadsheet."""
    return (
        select(
            Location.code.label("location"),
            Item.code.label("item"),
            Item.name,
            Item.item_class.label("class"),
            Item.unit,
            Lot.lot_number,
            Lot.expires_on,
            Lot.state,
            LotLevel.on_hand,
            StockLevel.on_hand.label("on_hand_of_item"),
            StockLevel.reorder_point,
        )
        .select_from(StockLevel)
        .join(Item, Item.id == StockLevel.item_id)
        .join(Location, Location.id == StockLevel.location_id, isouter=True)
        .join(
            LotLevel,
            (LotLevel.item_id == StockLevel.item_id)
            & (LotLevel.location_id == StockLevel.location_id)
            & (LotLevel.on_hand != 0),
            isouter=True,
        )
        .join(Lot, Lot.id == LotLevel.lot_id, isouter=True)
        .where(StockLevel.location_id == location_id)
        .order_by(Item.name, Item.id, Lot.expires_on, Lot.lot_number)
    )
