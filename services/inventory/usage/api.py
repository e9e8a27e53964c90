"""HTTP door to what sessions used: what to take for one, what one took, and where a lot went."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from chassis.db import one
from chassis.errors import NotFound
from chassis.export import CSVResponse, csv_file
from chassis.http import Db, Now, refuses, router
from contracts.values import AppointmentId, BaseUnit, ItemId, LocationId, LotId, PatientId, ReceiptId, TreatmentCode
from services.inventory.boms.usecases import boms
from services.inventory.catalogue import usecases as catalogue
from services.inventory.items.model import Item, ItemClass
from services.inventory.items.usecases import items_with_packs
from services.inventory.stock.api import LotOut, LyingAt, UsableLot, Whereabouts
from services.inventory.stock.model import Lot, LotLevel, LotState, Movement
from services.inventory.stock.picking import LotOnHand
from services.inventory.stock.queries import Received, lots_in_order, receipts_of, where_it_lies
from services.inventory.usage import queries
from services.inventory.usage.model import Consumption, LinesFrom
from services.inventory.usage.queries import Used
from services.inventory.words import Looking

api = router("", tag="usage")


class Suggestion(BaseModel):
    """One line of a treatment record as it will mostly be: how much of what, from the lot that goes first."""

    item_id: ItemId
    code: str
    name: str
    unit: BaseUnit
    item_class: ItemClass
    quantity: int
    lot_id: LotId | None = Field(description="Null when nothing that may be used lies there.")
    lot_number: str | None
    expires_on: date | None
    lots: list[UsableLot] = Field(description="All that may be used, the first to expire in front.")

    @classmethod
    def of(cls, item: Item, quantity: int, lots: list[LotOnHand]) -> "Suggestion":
        first = lots[0] if lots else None
        return cls(
            item_id=item.id,
            code=item.code,
            name=item.name,
            unit=item.unit,
            item_class=item.item_class,
            quantity=quantity,
            lot_id=first.lot_id if first else None,
            lot_number=first.lot_number if first else None,
            expires_on=first.expires_on if first else None,
            lots=[UsableLot.of(lot) for lot in lots],
        )


class UsedOut(BaseModel):
    """So much of a lot, used in one session."""

    appointment_id: AppointmentId
    patient_id: PatientId
    location_id: LocationId
    at: datetime
    item_id: ItemId
    item_name: str
    unit: BaseUnit
    lot_id: LotId
    lot_number: str | None
    expires_on: date | None
    state: LotState
    quantity: int
    is_recorded: bool = Field(description="False when nobody wrote the lot down: the first to expire was taken for it.")

    @classmethod
    def of(cls, used: Used) -> "UsedOut":
        return cls.model_validate(used, from_attributes=True)


class ConsumptionOut(BaseModel):
    """What a session used."""

    appointment_id: AppointmentId
    patient_id: PatientId
    location_id: LocationId
    performed_on: date
    lines_from: LinesFrom
    lines: list[UsedOut]


class ReceivedOut(BaseModel):
    """So much of a lot came with one delivery."""

    receipt_id: ReceiptId
    location_id: LocationId
    quantity: int
    at: datetime

    @classmethod
    def of(cls, received: Received) -> "ReceivedOut":
        return cls.model_validate(received, from_attributes=True)


class Trace(BaseModel):
    """Where a lot came from, whom it was used on, and where the rest lies (IV-18)."""

    lot: LotOut
    received: list[ReceivedOut]
    used_on: list[UsedOut]
    on_hand: list[LyingAt]


class Need(Whereabouts):
    """A session that is to come."""

    treatment: TreatmentCode = Field(examples=["pen-face"])


@api.get("/suggestions", responses=refuses(NotFound))
async def suggest(asked: Annotated[Need, Query()], db: Db, now: Now, scope: Looking) -> list[Suggestion]:
    """What a session of this treatment will use, with the lot that goes first."""
    scope.must_cover(asked.location_id)
    async with db.reading() as tx:
        place = await catalogue.location(tx, asked.location_id)
        materials = (await boms(tx, [asked.treatment]))[asked.treatment]
        items = await items_with_packs(tx, [each.item_id for each in materials])
        day = asked.on or place.date_of(now.now())
        lots = await lots_in_order(tx, asked.location_id, list(items), on=day)
        return [Suggestion.of(items[each.item_id], each.quantity, lots[each.item_id]) for each in materials]


@api.get("/appointments/{appointment_id}/consumption", responses=refuses(NotFound))
async def look_at_consumption(appointment_id: AppointmentId, db: Db, scope: Looking) -> ConsumptionOut:
    """What one session used, lot by lot, corrections counted in."""
    async with db.reading() as tx:
        found = await one(tx, Consumption, appointment_id)
        scope.must_cover(found.location_id, kind="consumption", id=appointment_id)
        lines = await queries.all_used(tx, Consumption.appointment_id == appointment_id)
        return ConsumptionOut(
            appointment_id=found.appointment_id,
            patient_id=found.patient_id,
            location_id=found.location_id,
            performed_on=found.performed_on,
            lines_from=found.lines_from,
            lines=[UsedOut.of(each) for each in lines],
        )


@api.get("/patients/{patient_id}/lots")
async def list_lots_of_patient(patient_id: PatientId, db: Db, scope: Looking) -> list[UsedOut]:
    """Every lot that was used on a patient at the caller's locations, newest first (IV-18)."""
    mine = (Consumption.patient_id == patient_id, scope.within(Consumption.location_id))
    async with db.reading() as tx:
        return [UsedOut.of(each) for each in await queries.all_used(tx, *mine)]


@api.get("/lots/{lot_id}/trace", responses=refuses(NotFound))
async def trace(lot_id: LotId, db: Db, scope: Looking) -> Trace:
    """Where a lot came from and went to, as far as the caller's locations go."""
    async with db.reading() as tx:
        lot = await one(tx, Lot, lot_id)
        item = await one(tx, Item, lot.item_id)
        used = await queries.all_used(tx, Movement.lot_id == lot_id, scope.within(Consumption.location_id))
        received = await receipts_of(tx, lot_id, scope.within(Movement.location_id))
        places = await where_it_lies(tx, lot_id, scope.within(LotLevel.location_id))
        return Trace(
            lot=LotOut.of(lot, item),
            received=[ReceivedOut.of(each) for each in received],
            used_on=[UsedOut.of(each) for each in used],
            on_hand=[LyingAt(location_id=place, on_hand=on_hand) for place, on_hand in places.items()],
        )


@api.get("/lots/{lot_id}/trace.csv", response_class=CSVResponse, responses=refuses(NotFound))
async def trace_file(lot_id: LotId, db: Db, scope: Looking) -> CSVResponse:
    """Whom a lot was used on, for a spreadsheet, a row per session."""
    async with db.reading() as tx:
        await one(tx, Lot, lot_id)
    rows = queries.used_file(Movement.lot_id == lot_id, scope.within(Consumption.location_id))
    return csv_file(db, rows, name=f"lot-{lot_id}")
