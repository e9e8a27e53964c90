"""Reads of the bills of materials."""

from sqlalchemy import select

from chassis.db import Tx
from services.inventory.boms.model import BomLine
from services.inventory.catalogue.model import Treatment


async def treatments(tx: Tx) -> dict[str, str | None]:
    """Code and name of every treatment in use, and of those that have a bill of materials all the same."""
    names: dict[str, str | None] = dict.fromkeys(await tx.scalars(select(BomLine.treatment).distinct()))
    known = await tx.execute(select(Treatment.code, Treatment.name).where(Treatment.active))
    return names | {each.code: each.name for each in known}
