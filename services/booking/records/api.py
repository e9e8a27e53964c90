"""HTTP door to the treatment record: completing a visit, and reading what was done."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.db import one
from chassis.errors import NotFound
from chassis.fields import AsNumber, Instant, Note, Whole, YesNo
from chassis.http import Db, refuses, router
from contracts.identity import CLINICAL
from contracts.values import ConsumptionLine
from services.booking.appointments.api import CHANGING, ChangeIn, answered, held
from services.booking.appointments.model import Appointment
from services.booking.appointments.shown import AppointmentOut
from services.booking.places.model import Device
from services.booking.records import queries, usecases
from services.booking.records.depth import TreatedArea
from services.booking.records.model import (
    DepthNotAllowed,
    DeviceNotUsable,
    RecordIncomplete,
    RecordTimesNotValid,
    TreatmentRecord,
)
from services.booking.words import Reason

api = router("/appointments/{appointment_id}", tag="treatment records")
USED_MAX = 100_000
"""Base units of one product at one visit: a litre of serum."""
Clinician = Annotated[Scope, require(*CLINICAL)]


class AreaIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    area: TreatedArea
    depth_hundredths_mm: Whole = Field(ge=10, le=1000, examples=[75], description="0.75 mm is 75.")
    passes: Whole = Field(ge=1, le=20, examples=[3])
    override_reason: Reason | None = Field(
        default=None, description="Needed above the area's usual depth.", examples=[None]
    )


class NumbingIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on_at: Instant = Field(examples=["2026-11-24T14:20:00Z"])
    off_at: Instant = Field(examples=["2026-11-24T14:50:00Z"])


class ProductIn(ConsumptionLine):
    """One product that was used; far more than a visit can use is a slip of the hand, and is told at once."""

    quantity: Whole = Field(gt=0, le=USED_MAX, examples=[1], description="In the item's base unit.")


class TreatmentRecordIn(ChangeIn):
    started_at: Instant | None = Field(
        default=None, description="Null: when the visit was started here.", examples=["2026-11-24T14:55:00Z"]
    )
    completed_at: Instant | None = Field(default=None, description="Null: now.", examples=["2026-11-24T15:25:00Z"])
    device_id: UUID | None = Field(default=None, description="Null: the one that was booked.")
    areas: list[AreaIn] = Field(default_factory=list, max_length=50)
    products: list[ProductIn] = Field(
        default_factory=list, max_length=50, description="Cartridges, serum, numbing cream; empty: the usual products."
    )
    numbing: NumbingIn | None = Field(default=None, description="Needed when numbing was started here.")
    reaction_grade: Annotated[int, Field(ge=0, le=4), AsNumber] | None = Field(
        default=None,
        examples=[1],
        description="Right after the treatment; needed where the skin is needled.",
    )
    aftercare_given: YesNo = Field(examples=[True])
    notes: Note | None = Field(default=None, examples=["Even erythema, no bleeding."])


class AreaOut(BaseModel):
    area: TreatedArea
    depth_hundredths_mm: int
    passes: int
    override_reason: str | None


class TreatmentRecordOut(BaseModel):
    appointment_id: UUID
    device_id: UUID | None
    device_name: str | None
    device_serial: str | None = Field(description="Beside the name, so that it can be found if it is called back.")
    started_at: datetime
    completed_at: datetime
    areas: list[AreaOut]
    products: list[ConsumptionLine]
    numbing_on_at: datetime | None
    numbing_off_at: datetime | None
    reaction_grade: int
    aftercare_given: bool
    notes: str | None
    signed_by: str = Field(examples=["staff:0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"])
    signed_at: datetime


@api.post(
    "/complete", responses=refuses(*CHANGING, RecordIncomplete, DeviceNotUsable, DepthNotAllowed, RecordTimesNotValid)
)
async def complete(
    appointment_id: UUID, body: TreatmentRecordIn, command: Commanded, scope: Clinician
) -> AppointmentOut:
    """Sign the treatment record, which completes the visit. It can't be changed afterwards."""
    async with command.transaction() as tx:
        appointment = await held(tx, appointment_id, body, scope)
        signed_by = f"{scope.kind}:{scope.caller_id}"
        await usecases.complete(tx, appointment, _done(body), signed_by=signed_by, at=command.context.clock.now())
        return await answered(tx, appointment, command)


@api.get("/record", responses=refuses(NotFound))
async def record(appointment_id: UUID, db: Db, scope: Clinician) -> TreatmentRecordOut:
    """What was done at a visit; for those who treat."""
    async with db.reading() as tx:
        appointment = await one(tx, Appointment, appointment_id)
        scope.must_cover(appointment.location_id, kind="appointment", id=appointment_id)
        signed = await one(tx, TreatmentRecord, appointment_id)
        device = await tx.get(Device, signed.device_id) if signed.device_id else None
        areas = await queries.areas(tx, appointment_id)
        products = await queries.products(tx, appointment_id)
        return TreatmentRecordOut(
            **{name: getattr(signed, name) for name in TreatmentRecordOut.model_fields if hasattr(signed, name)},
            device_name=device.name if device else None,
            device_serial=device.serial if device else None,
            areas=[AreaOut.model_validate(each, from_attributes=True) for each in areas],
            products=[ConsumptionLine.model_validate(each, from_attributes=True) for each in products],
        )


def _done(body: TreatmentRecordIn) -> usecases.NewRecord:
    return usecases.NewRecord(
        areas=[usecases.Area(**dict(each)) for each in body.areas],
        products=body.products,
        aftercare_given=body.aftercare_given,
        reaction_grade=body.reaction_grade,
        started_at=body.started_at,
        completed_at=body.completed_at,
        device_id=body.device_id,
        numbing_on_at=body.numbing.on_at if body.numbing else None,
        numbing_off_at=body.numbing.off_at if body.numbing else None,
        notes=body.notes,
    )
