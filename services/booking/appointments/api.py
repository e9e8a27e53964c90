"""HTTP door to appointments: book one, look at it, and take it through its day."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.auth import Scope, require
from chassis.command import Command, Commanded
from chassis.db import Tx, one
from chassis.errors import DomainError, Forbidden, NotFound
from chassis.examples import EXAMPLE_ID
from chassis.fields import Day, Note, YesNo
from chassis.http import Db, Now, refuses, router
from contracts.identity import CLINIC, CLINICAL
from services.booking.appointments import queries, usecases
from services.booking.appointments.booking import Request, StartsInPast, TooFarAhead
from services.booking.appointments.interval import TooSoon
from services.booking.appointments.model import (
    Appointment,
    CancelledBy,
    CreamStillOn,
    IllegalTransition,
    TooEarly,
    TooLate,
)
from services.booking.appointments.shown import AppointmentOut
from services.booking.appointments.usecases import ChangedMeanwhile
from services.booking.patients.model import Patient
from services.booking.places.model import Location
from services.booking.schedule.picking import (
    NoDeviceInService,
    NotCredentialed,
    OutsideHours,
    SlotTaken,
    Wish,
)
from services.booking.schedule.wall_time import AmbiguousTime, NoSuchTime
from services.booking.words import SEES_PATIENTS, Code, Reason, Version, WallTime

api = router("", tag="appointments")
Clinic = Annotated[Scope, require(*CLINIC)]
Reader = Annotated[Scope, SEES_PATIENTS]
VISITS_MAX = 500

PLACING: Sequence[type[DomainError]] = (
    SlotTaken,
    OutsideHours,
    NotCredentialed,
    NoDeviceInService,
    TooSoon,
    NoSuchTime,
    AmbiguousTime,
    StartsInPast,
    TooFarAhead,
    NotFound,
)
"""Why a time can't be had."""
CHANGING: Sequence[type[DomainError]] = (IllegalTransition, ChangedMeanwhile, NotFound)

Fold = Annotated[Literal[0, 1] | None, Field(description="Which of two, when the clocks are put back on that day.")]
Override = Annotated[
    Reason | None,
    Field(
        description="A clinician's reason to come closer than 28 days to another session (CL-22).",
        examples=[None],
    ),
]


class BookIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    patient_id: UUID = Field(examples=[EXAMPLE_ID])
    location_id: UUID = Field(examples=[EXAMPLE_ID])
    treatment: Code = Field(examples=["pen-face"])
    practitioner_id: UUID | None = Field(default=None, description="Null: whoever is free and has least to do.")
    room_id: UUID | None = Field(default=None, description="Null: any that is free.")
    local_start: WallTime = Field(description="Wall time at the location, without offset.")
    fold: Fold = None
    note: Note | None = Field(default=None, examples=["Asked for the quiet room."])
    override_reason: Override = None


class ChangeIn(BaseModel):
    """`version` is the one you have seen; leave it out to change whatever there is now."""

    model_config = ConfigDict(extra="forbid")

    version: Version | None = Field(default=None, examples=[3])


class StartIn(ChangeIn):
    cream_off: YesNo = Field(default=False, description="The numbing cream is off; needed after more than 60 minutes.")


class MoveIn(ChangeIn):
    local_start: WallTime = Field(description="New wall time at the location, without offset.")
    practitioner_id: UUID | None = Field(default=None, description="Null: the same as before.")
    room_id: UUID | None = Field(default=None, description="Null: the same if it is free, else another.")
    fold: Fold = None
    override_reason: Override = None


class CancelIn(ChangeIn):
    by: CancelledBy = Field(description="`patient` less than 24 hours ahead makes it a late cancellation.")
    reason: Note | None = Field(default=None, examples=["Called in, has a cold."])


@api.post("/appointments", status_code=201, responses=refuses(*PLACING))
async def book(body: BookIn, command: Commanded, scope: Clinic) -> AppointmentOut:
    """Hold a time for a patient."""
    scope.must_cover(body.location_id)
    by = _overriding(scope, body.location_id, body.override_reason)
    request = Request(
        patient_id=body.patient_id,
        location_id=body.location_id,
        treatment=body.treatment,
        local_start=body.local_start,
        fold=body.fold,
        wish=Wish(body.practitioner_id, body.room_id),
    )
    wanted = usecases.NewAppointment(
        request=request, note=body.note, override_reason=body.override_reason, override_by=by
    )
    now = command.context.clock.now()
    async with command.transaction() as tx:
        visit = await usecases.book(tx, wanted, now=now)
        return command.answer(AppointmentOut.of(visit, now=now), status=201)


@api.get("/appointments", responses=refuses(NotFound))
async def of_day(
    *,
    db: Db,
    clock: Now,
    scope: Clinic,
    location_id: Annotated[UUID, Query(examples=[EXAMPLE_ID])],
    date: Annotated[Day, Query(description="Local day.", examples=["2026-11-24"])],
) -> list[AppointmentOut]:
    """All visits of a day at a location, whatever became of them, by time."""
    scope.must_cover(location_id)
    async with db.reading() as tx:
        location = await one(tx, Location, location_id)
        visits = await queries.day_of(tx, location_id, date, location.zone)
        return [AppointmentOut.of(each, now=clock.now()) for each in visits]


@api.get("/patients/{patient_id}/appointments", responses=refuses(NotFound))
async def of_patient(patient_id: UUID, db: Db, clock: Now, scope: Reader) -> list[AppointmentOut]:
    """A patient's visits at your locations, newest first; 500 at most."""
    async with db.reading() as tx:
        await one(tx, Patient, patient_id)
        visits = await queries.of_patient(tx, patient_id, scope.within(Appointment.location_id), limit=VISITS_MAX)
        return [AppointmentOut.of(each, now=clock.now()) for each in visits]


@api.get("/appointments/{appointment_id}", responses=refuses(NotFound))
async def look(appointment_id: UUID, db: Db, clock: Now, scope: Reader) -> AppointmentOut:
    """One visit."""
    async with db.reading() as tx:
        visit = await queries.visit(tx, appointment_id)
        scope.must_cover(visit.appointment.location_id, kind="appointment", id=appointment_id)
        return AppointmentOut.of(visit, now=clock.now())


@api.post("/appointments/{appointment_id}/confirm", responses=refuses(*CHANGING))
async def confirm(appointment_id: UUID, body: ChangeIn, command: Commanded, scope: Clinic) -> AppointmentOut:
    """The patient said they will come."""
    async with command.transaction() as tx:
        appointment = await held(tx, appointment_id, body, scope)
        await usecases.confirm(tx, appointment, at=command.context.clock.now())
        return await answered(tx, appointment, command)


@api.post("/appointments/{appointment_id}/move", responses=refuses(*CHANGING, *PLACING))
async def move(appointment_id: UUID, body: MoveIn, command: Commanded, scope: Clinic) -> AppointmentOut:
    """Another time, practitioner or room for the same visit."""
    async with command.transaction() as tx:
        appointment = await held(tx, appointment_id, body, scope)
        to = usecases.NewTime(
            local_start=body.local_start,
            fold=body.fold,
            practitioner_id=body.practitioner_id,
            room_id=body.room_id,
            override_reason=body.override_reason,
            override_by=_overriding(scope, appointment.location_id, body.override_reason),
        )
        await usecases.move(tx, appointment, to, now=command.context.clock.now())
        return await answered(tx, appointment, command)


@api.post("/appointments/{appointment_id}/cancel", responses=refuses(*CHANGING))
async def cancel(appointment_id: UUID, body: CancelIn, command: Commanded, scope: Clinic) -> AppointmentOut:
    """It will not take place."""
    async with command.transaction() as tx:
        appointment = await held(tx, appointment_id, body, scope)
        await usecases.cancel(tx, appointment, body.by, reason=body.reason, at=command.context.clock.now())
        return await answered(tx, appointment, command)


@api.post("/appointments/{appointment_id}/check-in", responses=refuses(*CHANGING))
async def check_in(appointment_id: UUID, body: ChangeIn, command: Commanded, scope: Clinic) -> AppointmentOut:
    """The patient is here."""
    async with command.transaction() as tx:
        appointment = await held(tx, appointment_id, body, scope)
        await usecases.check_in(tx, appointment, at=command.context.clock.now())
        return await answered(tx, appointment, command)


@api.post("/appointments/{appointment_id}/numb", responses=refuses(*CHANGING))
async def numb(appointment_id: UUID, body: ChangeIn, command: Commanded, scope: Clinic) -> AppointmentOut:
    """The numbing cream is on."""
    async with command.transaction() as tx:
        appointment = await held(tx, appointment_id, body, scope)
        await usecases.numb(tx, appointment, at=command.context.clock.now())
        return await answered(tx, appointment, command)


@api.post("/appointments/{appointment_id}/start", responses=refuses(*CHANGING, CreamStillOn))
async def start(appointment_id: UUID, body: StartIn, command: Commanded, scope: Clinic) -> AppointmentOut:
    """The needling begins."""
    async with command.transaction() as tx:
        appointment = await held(tx, appointment_id, body, scope)
        await usecases.start(tx, appointment, cream_off=body.cream_off, at=command.context.clock.now())
        return await answered(tx, appointment, command)


@api.post("/appointments/{appointment_id}/no-show", responses=refuses(*CHANGING, TooEarly))
async def no_show(appointment_id: UUID, body: ChangeIn, command: Commanded, scope: Clinic) -> AppointmentOut:
    """The patient did not come; possible from 15 minutes after the start on."""
    async with command.transaction() as tx:
        appointment = await held(tx, appointment_id, body, scope)
        await usecases.no_show(tx, appointment, at=command.context.clock.now())
        return await answered(tx, appointment, command)


@api.post("/appointments/{appointment_id}/reinstate", responses=refuses(*CHANGING, TooLate, SlotTaken, TooSoon))
async def reinstate(appointment_id: UUID, body: ChangeIn, command: Commanded, scope: Clinic) -> AppointmentOut:
    """They came after all: take a no-show back, for 24 hours and as long as its time and the interval allow it."""
    async with command.transaction() as tx:
        appointment = await held(tx, appointment_id, body, scope)
        await usecases.reinstate(tx, appointment, at=command.context.clock.now())
        return await answered(tx, appointment, command)


async def held(tx: Tx, appointment_id: UUID, body: ChangeIn, scope: Scope) -> Appointment:
    """The appointment, locked, if this caller may see it and has seen its present version."""
    appointment = await one(tx, Appointment, appointment_id, lock=True)
    scope.must_cover(appointment.location_id, kind="appointment", id=appointment_id)
    usecases.must_be_version(appointment, body.version)
    return appointment


async def answered(tx: Tx, appointment: Appointment, command: Command) -> AppointmentOut:
    """The appointment as it is now, kept as the answer of this command."""
    visit = await queries.with_names(tx, appointment)
    return command.answer(AppointmentOut.of(visit, now=command.context.clock.now()))


def _overriding(scope: Scope, location_id: UUID, reason: str | None) -> str | None:
    """Who overrides, if anybody does; only a clinician of this very location may (CL-22)."""
    if reason is None:
        return None
    if not scope.holds(CLINICAL, at=location_id):
        raise Forbidden(rule="CL-22")
    return f"{scope.kind}:{scope.caller_id}"
