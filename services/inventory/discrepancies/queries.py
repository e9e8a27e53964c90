"""Reads of what does not match."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from chassis.db import Tx
from services.inventory.items.model import Item
from services.inventory.stock.model import Lot
from services.inventory.usage.model import Discrepancy


class Seen(NamedTuple):
    """A discrepancy with the item and the lot it is about."""

    discrepancy: Discrepancy
    item: Item
    lot: Lot


async def discrepancies(
    tx: Tx, *conditions: ColumnElement[bool], limit: int, latest_first: bool = True
) -> Sequence[Seen]:
    """What does not match, in the order in which it was found."""
    found = await tx.execute(
        select(Discrepancy, Item, Lot)
        .join(Item, Item.id == Discrepancy.item_id)
        .join(Lot, Lot.id == Discrepancy.lot_id)
        .where(*conditions)
        .order_by(Discrepancy.id.desc() if latest_first else Discrepancy.id.asc())
        .limit(limit)
    )
    return [Seen(row[0], row[1], row[2]) for row in found]
