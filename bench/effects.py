"""What billing and inventory must have before a session can have its effects: a price, and products on the shelf."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from bench.facts import PEN
from chassis.db import Database
from contracts.values import BaseUnit, LocationId, Money
from services.billing.prices.usecases import NewPrice, set_price
from services.inventory.boms.usecases import Material, set_bom
from services.inventory.items.model import ItemClass
from services.inventory.items.usecases import NewItem, add_item
from services.inventory.receipts.usecases import Delivery, DeliveryLine, receive

PRODUCTS = 3
"""That each session uses."""
FRESH = timedelta(days=720)


async def price(db: Database, location_ids: Sequence[UUID], *, at: datetime) -> None:
    """A session costs the same everywhere, so each gets its invoice."""
    async with db.transaction() as tx:
        for location_id in location_ids:
            await set_price(tx, NewPrice(PEN, LocationId(location_id), Money(minor=40_000), at.date()), at=at)


async def stock(db: Database, location_ids: Sequence[UUID], *, at: datetime) -> None:
    """Products that each session uses, more of them than will be used."""
    async with db.transaction() as tx:
        items = [await add_item(tx, _item(number), at=at) for number in range(PRODUCTS)]
        await set_bom(tx, PEN, [Material(item.id, 1) for item in items])
        for location_id in location_ids:
            lines = [DeliveryLine(item.id, "A1", at.date() + FRESH, 10_000_000) for item in items]
            await receive(tx, Delivery(LocationId(location_id), lines), at=at)


def _item(number: int) -> NewItem:
    return NewItem(f"product-{number}", f"Product {number}", ItemClass.CARTRIDGE, BaseUnit.EACH)


OPEN = {"billing": price, "inventory": stock}
"""What each of them needs before the first session."""
