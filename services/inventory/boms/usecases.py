"""Keeping the default bills of materials."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from chassis.db import Tx
from chassis.errors import Conflict
from chassis.many import among
from contracts.values import ItemId
from services.inventory.boms.model import BomLine
from services.inventory.items.model import Item, ItemClass
from services.inventory.items.usecases import items_with_packs

_LINES = select(BomLine).where(among(BomLine.treatment, "treatments")).order_by(BomLine.treatment, BomLine.place)


@dataclass(frozen=True, slots=True)
class Material:
    """So many base units of an item."""

    item_id: ItemId
    quantity: int


class MaterialsChanged(Conflict):
    """Somebody else changed what this treatment uses meanwhile. Look at it as it is now, then make your change again.

    `lines` has it.
    """


async def set_bom(
    tx: Tx, treatment: str, materials: Sequence[Material], *, replaces: Sequence[Material] | None = None
) -> dict[ItemId, Item]:
    """From now on a session of this treatment uses exactly this by default; answers the items meant.

    `MaterialsChanged` where it uses something else than what is to be replaced.
    """
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"bom {treatment}", 0))))
    if replaces is not None and (now := (await boms(tx, [treatment]))[treatment]) != list(replaces):
        raise MaterialsChanged(lines=[{"item_id": str(each.item_id), "quantity": each.quantity} for each in now])
    items = await items_with_packs(tx, [each.item_id for each in materials])
    await tx.execute(delete(BomLine).where(BomLine.treatment == treatment))
    tx.add_all(
        BomLine(treatment=treatment, item_id=each.item_id, quantity=each.quantity, place=place)
        for place, each in enumerate(materials)
    )
    return items


async def cartridges(tx: Tx, item_ids: Collection[ItemId]) -> frozenset[ItemId]:
    """Those of these items that are needle cartridges."""
    found = select(Item.id).where(Item.id.in_(item_ids), Item.item_class == ItemClass.CARTRIDGE)
    return frozenset(await tx.scalars(found))


async def boms(tx: Tx, treatments: Collection[str]) -> Mapping[str, Sequence[Material]]:
    """What these treatments use by default; nothing for one that has no bill of materials."""
    found: dict[str, list[Material]] = {treatment: [] for treatment in treatments}
    if not found:
        return found
    for line in await tx.scalars(_LINES, {"treatments": list(treatments)}):
        found[line.treatment].append(Material(line.item_id, line.quantity))
    return found
