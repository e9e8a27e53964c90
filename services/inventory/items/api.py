"""HTTP door to the catalogue of items."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.fields import Line, Search, YesNo
from chassis.http import Db, refuses, router
from contracts.identity import EVERYBODY
from contracts.values import BaseUnit, ItemId
from services.inventory.items import queries, usecases
from services.inventory.items.gtin import Gtin
from services.inventory.items.model import (
    CodeTaken,
    CountedInPieces,
    GtinTaken,
    Item,
    ItemClass,
    ItemRevised,
    UnknownItem,
)
from services.inventory.items.usecases import NewItem, NewPack, Revision
from services.inventory.words import Count, Keeping, Version

api = router("/items", tag="items")
Anybody = Annotated[Scope, require(*EVERYBODY)]


class PackIn(BaseModel):
    """How an item is bought: exactly so many base units under one GTIN (IV-02)."""

    model_config = ConfigDict(extra="forbid")

    label: Line = Field(examples=["box of 20"])
    quantity: Count = Field(examples=[20], description="Base units in the pack.")
    gtin: Gtin | None = Field(default=None, examples=["09506000134352"])

    def new(self) -> NewPack:
        return NewPack(self.label, self.quantity, self.gtin)


class ItemRevision(BaseModel):
    """What may change of an item; its class and unit stay, for its movements count in them."""

    model_config = ConfigDict(extra="forbid")

    version: Version | None = Field(
        default=None, description="The one that you looked at; where it is another by now, nothing is changed."
    )
    name: Line = Field(examples=["Cartridge, 12 pins"])
    active: YesNo = True
    packs: list[PackIn] = Field(default_factory=list, max_length=10)


class ItemIn(BaseModel):
    """A product that the chain uses or sells."""

    model_config = ConfigDict(extra="forbid")

    code: Line = Field(examples=["cart-12"])
    name: Line = Field(examples=["Cartridge, 12 pins"])
    item_class: ItemClass = Field(examples=["cartridge"])
    unit: BaseUnit = Field(examples=["each"], description="What one of its quantity means.")
    packs: list[PackIn] = Field(default_factory=list, max_length=10)


class PackOut(BaseModel):
    label: str
    quantity: int
    gtin: str | None


class ItemOut(BaseModel):
    """A product of the catalogue."""

    id: ItemId
    version: int
    code: str
    name: str
    item_class: ItemClass
    unit: BaseUnit
    active: bool
    pack_label: str | None = Field(description="Its smallest pack.", examples=["box of 20"])
    packs: list[PackOut]

    @classmethod
    def of(cls, item: Item) -> "ItemOut":
        return cls(
            id=item.id,
            version=item.version,
            code=item.code,
            name=item.name,
            item_class=item.item_class,
            unit=item.unit,
            active=item.active,
            pack_label=min(item.packs, key=lambda pack: pack.quantity).label if item.packs else None,
            packs=[PackOut(label=each.label, quantity=each.quantity, gtin=each.gtin) for each in item.packs],
        )


@api.get("")
async def list_items(
    db: Db,
    _: Anybody,
    q: Annotated[
        Search | None,
        Query(description="Part of a name or code.", examples=["cart"]),
    ] = None,
    active: Annotated[bool | None, Query(description="Only those in use, or only those that are not.")] = None,
) -> list[ItemOut]:
    """The chain's catalogue, by name."""
    async with db.reading() as tx:
        return [ItemOut.of(item) for item in await queries.items(tx, q=q, active=active)]


@api.get("/{item_id}", responses=refuses(UnknownItem))
async def look(item_id: ItemId, db: Db, _: Anybody) -> ItemOut:
    """One item with its packs."""
    async with db.reading() as tx:
        return ItemOut.of((await usecases.items_with_packs(tx, [item_id]))[item_id])


@api.post("", status_code=201, responses=refuses(CodeTaken, GtinTaken, CountedInPieces))
async def add(body: ItemIn, command: Commanded, _: Keeping) -> ItemOut:
    """Add an item to the chain's catalogue."""
    new = NewItem(body.code, body.name, body.item_class, body.unit, _new(body.packs))
    async with command.transaction() as tx:
        item = await usecases.add_item(tx, new, at=command.context.clock.now())
        return command.answer(ItemOut.of(item), status=201)


@api.put("/{item_id}", responses=refuses(UnknownItem, ItemRevised, GtinTaken))
async def revise(item_id: ItemId, body: ItemRevision, command: Commanded, _: Keeping) -> ItemOut:
    """Rename an item, change its packs, or take it out of use."""
    to, now = Revision(body.name, body.active, _new(body.packs)), command.context.clock.now()
    async with command.transaction() as tx:
        item = await usecases.revise_item(tx, item_id, to, seen=body.version, at=now)
        return command.answer(ItemOut.of(item))


def _new(packs: Sequence[PackIn]) -> list[NewPack]:
    return [each.new() for each in {each.label: each for each in packs}.values()]
