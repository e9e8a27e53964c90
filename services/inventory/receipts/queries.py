"""Reads of deliveries."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select

from chassis.db import Tx
from contracts.values import BaseUnit, ItemId, LotId, ReceiptId
from services.inventory.items.model import Item
from services.inventory.receipts.model import Receipt
from services.inventory.stock.model import Lot, Movement, MovementType


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """So much of a lot in a delivery."""

    item_id: ItemId
    item_code: str
    item_name: str
    unit: BaseUnit
    lot_id: LotId
    lot_number: str
    expires_on: date
    quantity: int


async def receipts(tx: Tx, *conditions: ColumnElement[bool], limit: int, latest_first: bool) -> Sequence[Receipt]:
    """Deliveries in the order in which they were typed in."""
    order = Receipt.id.desc() if latest_first else Receipt.id.asc()
    wanted = select(Receipt).where(*conditions).order_by(order).limit(limit)
    return (await tx.scalars(wanted)).all()


async def lines_of(tx: Tx, receipts: Collection[ReceiptId]) -> dict[ReceiptId, list[ReceiptLine]]:
    """What came with these deliveries."""
    rows = await tx.execute(
        select(
            Movement.source_id,
            Movement.item_id,
            Item.code.label("item_code"),
            Item.name.label("item_name"),
            Item.unit,
            Movement.lot_id,
            Lot.lot_number,
            Lot.expires_on,
            Movement.quantity,
        )
        .join(Lot, Lot.id == Movement.lot_id)
        .join(Item, Item.id == Movement.item_id)
        .where(Movement.source_id.in_(sorted(receipts)), Movement.type == MovementType.RECEIPT)
        .order_by(Item.name, Lot.lot_number)
    )
    found: dict[ReceiptId, list[ReceiptLine]] = defaultdict(list)
    for row in rows.mappings():
        line = dict(row)
        found[line.pop("source_id")].append(ReceiptLine(**line))
    return found
