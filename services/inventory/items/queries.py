"""Reads of the catalogue."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from chassis.db import Tx
from services.inventory.items.model import Item

ITEMS_MAX = 2000


async def items(tx: Tx, *, q: str | None, active: bool | None) -> Sequence[Item]:
    """The items whose name or code holds these words, by name."""
    wanted = select(Item).order_by(Item.name, Item.id).limit(ITEMS_MAX).options(selectinload(Item.packs))
    if q:
        wanted = wanted.where(or_(Item.name.icontains(q, autoescape=True), Item.code.icontains(q, autoescape=True)))
    if active is not None:
        wanted = wanted.where(Item.active.is_(active))
    return (await tx.scalars(wanted)).all()
