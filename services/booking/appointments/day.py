"""The day of a clinic on one page: hours, people, rooms and visits, from one request."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from chassis.auth import Scope, require
from chassis.db import Tx
from chassis.errors import NotFound
from chassis.fields import Day, LocalTime
from chassis.http import Db, Now, refuses, router
from contracts.identity import CLINIC
from services.booking.appointments import queries
from services.booking.appointments.shown import AppointmentOut
from services.booking.places.model import RoomKind
from services.booking.schedule.hours import Hours
from services.booking.schedule.queries import Roster, roster
from services.booking.schedule.spans import Span, without
from services.booking.schedule.wall_time import day_span, local_of, offset_of, opening_instant

api = router("/locations/{location_id}/day", tag="appointments")
Clinic = Annotated[Scope, require(*CLINIC)]


class PractitionerOfDay(BaseModel):
    id: UUID
    name: str
    credential: str
    initials: str
    off: list[tuple[LocalTime, LocalTime]] = Field(description="Local times within the opening hours without a shift.")


class RoomOfDay(BaseModel):
    id: UUID
    name: str
    kind: RoomKind


class DayOut(BaseModel):
    date: date
    zone: str
    utc_offset: str = Field(examples=["-05:00"])
    opening: tuple[str, str] | None = Field(examples=[["09:00", "18:00"]], description="Null: closed.")
    practitioners: list[PractitionerOfDay]
    rooms: list[RoomOfDay]
    appointments: list[AppointmentOut]


@api.get("", responses=refuses(NotFound))
async def day(
    location_id: UUID,
    *,
    db: Db,
    clock: Now,
    scope: Clinic,
    date: Annotated[Day, Query(description="Local day.", examples=["2026-11-24"])],
) -> DayOut:
    """Everything the day's grid shows."""
    scope.must_cover(location_id)
    async with db.reading() as tx:
        return await _day(tx, location_id, date, now=clock.now())


async def _day(tx: Tx, location_id: UUID, on: date, *, now: datetime) -> DayOut:
    here = await roster(tx, location_id, on)
    visits = await queries.day_of(tx, location_id, on, here.zone)
    seen = {visit.appointment.practitioner_id for visit in visits}
    return DayOut(
        date=on,
        zone=here.zone,
        utc_offset=offset_of(opening_instant(on, 12 * 60, here.zone), here.zone),
        opening=here.hours.on(on),
        practitioners=_practitioners(here, on, seen),
        rooms=[RoomOfDay(id=id_, name=name, kind=RoomKind(kind)) for id_, name, kind in here.rooms],
        appointments=[AppointmentOut.of(each, now=now) for each in visits],
    )


def _practitioners(here: Roster, on: date, seen: set[UUID]) -> list[PractitionerOfDay]:
    """Those who are there that day, or have a visit."""
    shown = []
    for person in here.people:
        there = person.worker.works(on, here.zone)
        if there or person.worker.id in seen:
            shown.append(
                PractitionerOfDay(
                    id=person.worker.id,
                    name=person.worker.name,
                    credential=person.credential,
                    initials=person.initials,
                    off=_off(there, here.hours, on, here.zone),
                )
            )
    return shown


def _off(there: Sequence[Span], hours: Hours, on: date, zone: str) -> list[tuple[datetime, datetime]]:
    whole = hours.span(on, zone) or Span(*day_span(on, zone))
    return [(local_of(each.starts, zone), local_of(each.ends, zone)) for each in without([whole], there)]
