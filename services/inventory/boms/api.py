"""HTTP door to the default bills of materials."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from chassis.command import Commanded
from chassis.http import Db, refuses, router
from contracts.values import BaseUnit, ItemId, TreatmentCode
from services.inventory.boms import queries, usecases
from services.inventory.boms.usecases import Material, MaterialsChanged
from services.inventory.items.model import Item, UnknownItem
from services.inventory.items.usecases import items_with_packs
from services.inventory.words import Count, Keeping, Looking

api = router("/boms", tag="bills of materials")


class MaterialIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    item_id: ItemId
    quantity: Count = Field(examples=[1], description="Base units that one session uses.")

    @property
    def material(self) -> Material:
        return Material(self.item_id, self.quantity)


class BomIn(BaseModel):
    """What one session uses when nothing is written down; empty for nothing."""

    model_config = ConfigDict(extra="forbid")

    lines: list[MaterialIn] = Field(max_length=50)
    replaces: list[MaterialIn] | None = Field(
        default=None,
        max_length=50,
        description="What it used as you saw it, in order; where it is something else by now, nothing is changed.",
    )


class MaterialOut(BaseModel):
    item_id: ItemId
    code: str
    name: str
    unit: BaseUnit
    quantity: int


class BomOut(BaseModel):
    """The default bill of materials of a treatment (IV-04)."""

    treatment: str
    treatment_name: str | None = Field(description="Null until booking has told of the treatment.")
    lines: list[MaterialOut]


@api.get("")
async def list_boms(db: Db, _: Looking) -> list[BomOut]:
    """Every treatment with what it uses by default, also those that use nothing."""
    async with db.reading() as tx:
        names = await queries.treatments(tx)
        found = await usecases.boms(tx, names.keys())
        items = await items_with_packs(tx, {line.item_id for lines in found.values() for line in lines})
        return [_out(treatment, names[treatment], found[treatment], items) for treatment in sorted(names)]


@api.get("/{treatment}")
async def look(treatment: TreatmentCode, db: Db, _: Looking) -> BomOut:
    """What one treatment uses by default."""
    async with db.reading() as tx:
        lines = (await usecases.boms(tx, [treatment]))[treatment]
        items = await items_with_packs(tx, {line.item_id for line in lines})
        return _out(treatment, (await queries.treatments(tx)).get(treatment), lines, items)


@api.put("/{treatment}", responses=refuses(UnknownItem, MaterialsChanged))
async def replace(treatment: TreatmentCode, body: BomIn, command: Commanded, _: Keeping) -> BomOut:
    """From now on a session of this treatment uses exactly this by default."""
    lines = [each.material for each in _once(body.lines)]
    replaces = None if body.replaces is None else [each.material for each in body.replaces]
    async with command.transaction() as tx:
        items = await usecases.set_bom(tx, treatment, lines, replaces=replaces)
        return command.answer(_out(treatment, (await queries.treatments(tx)).get(treatment), lines, items))


def _once(lines: Sequence[MaterialIn]) -> Sequence[MaterialIn]:
    """Each item once; said twice, the last word counts."""
    return list({each.item_id: each for each in lines}.values())


def _out(treatment: str, name: str | None, lines: Sequence[Material], items: Mapping[ItemId, Item]) -> BomOut:
    return BomOut(
        treatment=treatment,
        treatment_name=name,
        lines=[
            MaterialOut(
                item_id=each.item_id,
                code=items[each.item_id].code,
                name=items[each.item_id].name,
                unit=items[each.item_id].unit,
                quantity=each.quantity,
            )
            for each in lines
        ],
    )
