"""HTTP door to deliveries."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, or_

from chassis.command import Commanded
from chassis.db import one
from chassis.errors import NotFound
from chassis.fields import Day, Line, Search
from chassis.http import BadCursor, Db, Page, Paged, refuses, router
from contracts.values import BaseUnit, ItemId, LocationId, LotId, ReceiptId
from services.inventory.catalogue import usecases as catalogue
from services.inventory.items.gtin import Gtin
from services.inventory.items.model import UnknownItem, UnknownPack
from services.inventory.receipts import queries, usecases
from services.inventory.receipts.model import GtinOfAnotherItem, Receipt, ReceivedInTheFuture, TooMuchOfALot
from services.inventory.receipts.queries import ReceiptLine
from services.inventory.receipts.usecases import Delivery, DeliveryLine
from services.inventory.stock.model import ExpiredOnReceipt, ExpiryTooFar, LotExpiresOtherwise
from services.inventory.words import Count, Keeping, Looking, LotNumber

api = router("/receipts", tag="receipts")


class ReceiptLineIn(BaseModel):
    """So much of one lot, as the box says it."""

    model_config = ConfigDict(extra="forbid")

    item_id: ItemId
    lot_number: LotNumber = Field(examples=["LOT-4711"])
    expires_on: Day = Field(examples=["2027-11-30"], description="Last day of use, on the box.")
    quantity: Count = Field(examples=[20], description="Base units, or packs when `pack` is given.")
    pack: Line | None = Field(default=None, examples=["box of 20"], description="Label of one of the item's packs.")
    gtin: Gtin | None = Field(default=None, examples=["09506000134352"])

    def told(self) -> DeliveryLine:
        return DeliveryLine(self.item_id, self.lot_number, self.expires_on, self.quantity, self.gtin, self.pack)


class ReceiptIn(BaseModel):
    """A delivery that is put on the shelf."""

    model_config = ConfigDict(extra="forbid")

    location_id: LocationId
    lines: Annotated[list[ReceiptLineIn], Field(min_length=1, max_length=200)]
    supplier: Line | None = Field(default=None, examples=["Northwind Medical"])
    reference: Line | None = Field(default=None, examples=["DN-2026-0815"])
    received_on: Day | None = Field(
        default=None, description="The day it arrived; null: today. It explains only what was used since."
    )

    def told(self) -> Delivery:
        lines = [line.told() for line in self.lines]
        return Delivery(self.location_id, lines, self.supplier, self.reference, self.received_on)


class ReceiptLineOut(BaseModel):
    item_id: ItemId
    item_code: str
    item_name: str
    unit: BaseUnit
    lot_id: LotId
    lot_number: str
    expires_on: date
    quantity: int


class ReceiptOut(BaseModel):
    """A delivery on the shelf; each lot once, in base units."""

    id: ReceiptId
    location_id: LocationId
    supplier: str | None
    reference: str | None
    received_on: date
    received_at: datetime
    lines: list[ReceiptLineOut]

    @classmethod
    def of(cls, receipt: Receipt, lines: list[ReceiptLine]) -> "ReceiptOut":
        return cls(
            id=receipt.id,
            location_id=receipt.location_id,
            supplier=receipt.supplier,
            reference=receipt.reference,
            received_on=receipt.received_on,
            received_at=receipt.received_at,
            lines=[ReceiptLineOut.model_validate(line, from_attributes=True) for line in lines],
        )


@api.post(
    "",
    status_code=201,
    responses=refuses(
        NotFound,
        UnknownItem,
        UnknownPack,
        GtinOfAnotherItem,
        ReceivedInTheFuture,
        TooMuchOfALot,
        ExpiredOnReceipt,
        ExpiryTooFar,
        LotExpiresOtherwise,
    ),
)
async def receive(body: ReceiptIn, command: Commanded, scope: Keeping) -> ReceiptOut:
    """Put a delivery on the shelf; lots that are new are made, shortages that it explains are closed."""
    scope.must_cover(body.location_id)
    async with command.transaction() as tx:
        await catalogue.location(tx, body.location_id)
        receipt = await usecases.receive(tx, body.told(), at=command.context.clock.now())
        lines = await queries.lines_of(tx, [receipt.id])
        return command.answer(ReceiptOut.of(receipt, lines[receipt.id]), status=201)


class ReceiptFilter(BaseModel):
    """Which deliveries."""

    location_id: LocationId | None = None
    q: Search | None = Field(
        default=None, description="Part of the supplier's name or of the number of the delivery note.", examples=["nor"]
    )
    sort: Literal["id", "-id"] = Field(default="-id", description="By when they were typed in.")

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = []
        if self.location_id:
            wanted.append(Receipt.location_id == self.location_id)
        if self.q:
            parts = (column.icontains(self.q, autoescape=True) for column in (Receipt.supplier, Receipt.reference))
            wanted.append(or_(*parts))
        return wanted


@api.get("", responses=refuses(NotFound, BadCursor))
async def list_receipts(
    asked: Annotated[ReceiptFilter, Query()], db: Db, paging: Paged, scope: Looking
) -> Page[ReceiptOut]:
    """Deliveries to the caller's locations, the last one typed in first."""
    if asked.location_id:
        scope.must_cover(asked.location_id)
    latest_first = asked.sort == "-id"
    wanted = [scope.within(Receipt.location_id), *asked.conditions()]
    if after := paging.after(UUID):
        wanted.append(Receipt.id < after[0] if latest_first else Receipt.id > after[0])
    async with db.reading() as tx:
        found = await queries.receipts(tx, *wanted, limit=paging.limit + 1, latest_first=latest_first)
        lines = await queries.lines_of(tx, [each.id for each in found])
        return paging.page([ReceiptOut.of(each, lines[each.id]) for each in found], lambda each: [each.id])


@api.get("/{receipt_id}", responses=refuses(NotFound))
async def look(receipt_id: ReceiptId, db: Db, scope: Looking) -> ReceiptOut:
    """One delivery with its lots."""
    async with db.reading() as tx:
        receipt = await one(tx, Receipt, receipt_id)
        scope.must_cover(receipt.location_id, kind="receipt", id=receipt_id)
        return ReceiptOut.of(receipt, (await queries.lines_of(tx, [receipt_id]))[receipt_id])
