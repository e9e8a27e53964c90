"""HTTP door to free time: for a new visit, or for one that is to be moved."""

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.auth import Scope, require
from chassis.db import Tx, one
from chassis.errors import NotFound, Refused
from chassis.examples import EXAMPLE_ID
from chassis.fields import Day, LocalTime
from chassis.http import Db, Now, refuses, router
from contracts.identity import CLINIC
from services.booking.appointments.model import Appointment
from services.booking.schedule import queries
from services.booking.schedule.queries import Moving
from services.booking.words import Code

api = router("/slots", tag="schedule")
Clinic = Annotated[Scope, require(*CLINIC)]
DAYS_MAX = 31


class TooManyDays(Refused):
    """Free starts are looked up for up to 31 days at once, `from` not after `to`."""


class OfAnotherTreatment(Refused):
    """The visit that is to be moved is of another treatment. Look for free time of its own."""


class SlotOut(BaseModel):
    """A time at which a visit can begin."""

    practitioner_id: UUID
    """Who would be booked without a wish: the one with least to do that day."""
    practitioner_ids: list[UUID]
    """Everyone who is free then."""
    room_id: UUID
    device_id: UUID | None
    local_start: LocalTime
    starts_at: datetime
    ends_at: datetime


class SlotsWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    location_id: UUID = Field(examples=[EXAMPLE_ID])
    treatment: Code = Field(examples=["pen-face"])
    from_: Day = Field(alias="from", description="First local day.", examples=["2026-11-24"])
    to: Day = Field(description="Last local day.", examples=["2026-11-30"])
    practitioner_id: UUID | None = Field(default=None, description="Only with this practitioner.")
    moving: UUID | None = Field(
        default=None, description="The visit that is to be moved: what it occupies now counts as free."
    )

    def days(self) -> list[date]:
        """Each of them, if they are not too many."""
        if not timedelta(0) <= self.to - self.from_ < timedelta(days=DAYS_MAX):
            raise TooManyDays(days_max=DAYS_MAX)
        return [self.from_ + timedelta(days=each) for each in range((self.to - self.from_).days + 1)]


@api.get("", responses=refuses(TooManyDays, OfAnotherTreatment, NotFound))
async def slots(wanted: Annotated[SlotsWanted, Query()], db: Db, clock: Now, scope: Clinic) -> list[SlotOut]:
    """Free starts of a treatment at a location, in order."""
    scope.must_cover(wanted.location_id)
    days = wanted.days()
    async with db.reading() as tx:
        sought = queries.Sought(
            location_id=wanted.location_id,
            treatment=wanted.treatment,
            days=days,
            practitioner_id=wanted.practitioner_id,
            moving=await _moving(tx, wanted),
        )
        found = await queries.free(tx, sought, now=clock.now())
    return [
        SlotOut(
            practitioner_id=each.practitioner_ids[0],
            practitioner_ids=list(each.practitioner_ids),
            room_id=each.room_id,
            device_id=each.device_id,
            local_start=each.local_start,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
        )
        for each in found
    ]


async def _moving(tx: Tx, wanted: SlotsWanted) -> Moving | None:
    """The visit that is to be moved; one of another location is not there, as anywhere."""
    if wanted.moving is None:
        return None
    appointment = await one(tx, Appointment, wanted.moving)
    if appointment.location_id != wanted.location_id:
        raise NotFound(kind="appointment", id=str(wanted.moving))
    if appointment.treatment != wanted.treatment:
        raise OfAnotherTreatment(treatment=appointment.treatment)
    return Moving(appointment.id, appointment.patient_id, appointment.segments)
