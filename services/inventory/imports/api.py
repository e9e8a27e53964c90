"""HTTP door to imports of stock."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.command import Commanded
from chassis.fields import Day, Line
from chassis.http import refuses, router
from contracts.values import BaseUnit, LocationId
from services.inventory.imports.usecases import Outcome, Result, Row, import_stock
from services.inventory.items.gtin import Gtin
from services.inventory.items.model import CodeTaken, ItemClass
from services.inventory.words import Count, Keeping, LotNumber

api = router("/imports", tag="imports")
ROWS_MAX = 1000


class StockRow(BaseModel):
    """So much of a lot at a location, as the other system tells it."""

    model_config = ConfigDict(extra="forbid")

    external_id: Line = Field(
        examples=["shelf-3/cart-12/4711"], description="Its name there; sent again, nothing changes."
    )
    location_id: LocationId
    item: Line = Field(examples=["cart-12"], description="Code of the item.")
    item_name: Line | None = Field(
        default=None,
        description="With `unit`: makes the item where no such code is known.",
        examples=["Cartridge, 12 pins"],
    )
    unit: BaseUnit | None = None
    item_class: ItemClass = ItemClass.CONSUMABLE
    lot_number: LotNumber = Field(examples=["LOT-4711"])
    expires_on: Day = Field(examples=["2027-11-30"])
    quantity: Count = Field(examples=[20], description="Base units.")
    gtin: Gtin | None = Field(default=None, examples=["09506000134352"])
    received_on: Day | None = Field(default=None, description="The day it arrived; null: today.")

    def told(self) -> Row:
        return Row(**self.model_dump())


class StockImport(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rows: list[StockRow] = Field(min_length=1, max_length=ROWS_MAX)


class ResultOut(BaseModel):
    """What became of one row."""

    external_id: str
    outcome: Outcome
    reason: str | None = Field(examples=["No item has this code."])


class Results(BaseModel):
    """One result a row, in their order."""

    results: list[ResultOut]


@api.post("/stock", responses=refuses(CodeTaken))
async def import_rows(
    body: StockImport,
    command: Commanded,
    scope: Keeping,
    dry_run: Annotated[bool, Query(description="Say what would become of each row, and change nothing.")] = False,
) -> Results:
    """Put the stock of another system on the shelf; rows that break a rule are told apart."""
    rows, at = [row.told() for row in body.rows], command.context.clock.now()
    if dry_run:
        async with command.context.db.reading() as tx:
            return _out(await import_stock(tx, rows, covers=scope.covers, at=at))
    async with command.transaction() as tx:
        return command.answer(_out(await import_stock(tx, rows, covers=scope.covers, at=at)))


def _out(results: list[Result]) -> Results:
    return Results(results=[ResultOut.model_validate(each, from_attributes=True) for each in results])
