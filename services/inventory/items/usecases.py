"""Keeping the catalogue of items."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from chassis.clock import new_id
from chassis.db import Tx, violated
from chassis.many import among
from chassis.outbox import emit
from contracts.values import BaseUnit, ItemId
from services.inventory.items.model import CodeTaken, GtinTaken, Item, ItemClass, ItemRevised, Pack, UnknownItem


@dataclass(frozen=True, slots=True)
class NewPack:
    """So many base units under one label, and perhaps one GTIN."""

    label: str
    quantity: int
    gtin: str | None = None


@dataclass(frozen=True, slots=True)
class NewItem:
    """What the catalogue shall have."""

    code: str
    name: str
    item_class: ItemClass
    unit: BaseUnit
    packs: Sequence[NewPack] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """All that may change of an item: its class and unit stay, for its movements count in them."""

    name: str
    active: bool = True
    packs: Sequence[NewPack] = ()


async def add_item(tx: Tx, new: NewItem, *, at: datetime) -> Item:
    """Add an item to the chain's catalogue."""
    item_id = ItemId(new_id())
    item = Item(
        id=item_id,
        version=0,
        code=new.code,
        name=new.name,
        item_class=new.item_class,
        unit=new.unit,
        active=True,
        packs=_packs(item_id, new.packs),
    )
    emit(tx, item.added(at=at))
    tx.add(item)
    await _flush(tx)
    return item


async def revise_item(tx: Tx, item_id: ItemId, to: Revision, *, seen: int | None = None, at: datetime) -> Item:
    """Change what may change of an item; `ItemRevised` for who has seen another version of it."""
    item = (await items_with_packs(tx, [item_id], lock=True))[item_id]
    if seen is not None and seen != item.version:
        raise ItemRevised(version=item.version)
    emit(tx, item.revise(name=to.name, active=to.active, at=at))
    # A GTIN may go from one pack to another: none stays in the way of the new ones.
    item.packs = []
    await tx.flush()
    item.packs = _packs(item_id, to.packs)
    await _flush(tx)
    await tx.refresh(item, ["packs"])
    return item


async def items_with_packs(tx: Tx, ids: Collection[ItemId], *, lock: bool = False) -> dict[ItemId, Item]:
    """These items; `UnknownItem` when one of them is not in the catalogue."""
    wanted = select(Item).where(Item.id.in_(sorted(set(ids)))).order_by(Item.id)
    if lock:
        wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = {item.id: item for item in await tx.scalars(wanted.options(selectinload(Item.packs)))}
    for missing in sorted(set(ids) - found.keys()):
        raise UnknownItem(kind="item", id=str(missing))
    return found


async def catalogue_strangers(tx: Tx, ids: Collection[ItemId]) -> set[ItemId]:
    """Put ids that no item has into the catalogue, out of use, and say which were new (IV-31)."""
    known = set(await tx.scalars(_KNOWN, {"ids": list(set(ids))}))
    strangers = [Item.unknown(item_id) for item_id in sorted(set(ids) - known)]
    if not strangers:
        return set()
    rows = [{column: getattr(item, column) for column in _COLUMNS} | {"version": 1} for item in strangers]
    return set(await tx.scalars(insert(Item).values(rows).on_conflict_do_nothing().returning(Item.id)))


_KNOWN = select(Item.id).where(among(Item.id, "ids"))
_COLUMNS = ("id", "code", "name", "item_class", "unit", "active")


def _packs(item_id: ItemId, packs: Sequence[NewPack]) -> list[Pack]:
    return [Pack(item_id=item_id, label=each.label, quantity=each.quantity, gtin=each.gtin) for each in packs]


async def _flush(tx: Tx) -> None:
    try:
        await tx.flush()
    except IntegrityError as error:
        match violated(error):
            case "uq_item_code":
                raise CodeTaken from error
            case "uq_pack_gtin":
                raise GtinTaken from error
            case _:
                raise
