"""Clinics that are open, staffed and equipped, and the visits that fit into them without touching one another."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from uuid import UUID

from sqlalchemy import insert

from chassis.clock import SystemClock, new_id
from chassis.db import Database, Tx
from contracts.values import Modality
from services.booking.catalogue.usecases import NewTreatment, add_treatment
from services.booking.patients.usecases import NewPatient, patient_of
from services.booking.places.model import RoomKind
from services.booking.places.usecases import NewDevice, NewLocation, add_device, add_room, register_location
from services.booking.practitioners.usecases import (
    NewCredential,
    NewPractitioner,
    NewShift,
    add_practitioner,
    add_shift,
)
from services.booking.schedule.model import Resource
from services.booking.schedule.segments import Plan, ResourceKind

ZONE = "America/New_York"
TREATMENT = "pen-face"
PLAN = Plan(checkin=5, numbing=30, procedure=45, aftercare=10, cleaning=15)
SIDE_BY_SIDE = 4
"""Practitioners, rooms, bays and devices each, unless told otherwise."""
STARTS = tuple(time(8 + minutes // 60, minutes % 60) for minutes in range(0, 11 * 60, 75))
"""A visit every 75 minutes leaves the one before it what it needs."""
OPENING = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("08:00", "20:00"))
FAR = timedelta(days=720)
"""Credentials and services of devices hold for as long as anybody can book."""


@dataclass(frozen=True, slots=True)
class Clinic:
    id: UUID
    practitioners: tuple[UUID, ...]
    rooms: tuple[UUID, ...]
    bays: tuple[UUID, ...]
    devices: tuple[UUID, ...]
    patients: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One that can be booked."""

    clinic: Clinic
    patient_id: UUID
    local_start: datetime
    lane: int
    """Which of those side by side it gets."""

    def body(self) -> dict[str, str]:
        """As a desk asks for it."""
        return {
            "patient_id": str(self.patient_id),
            "location_id": str(self.clinic.id),
            "treatment": TREATMENT,
            "local_start": self.local_start.isoformat(),
        }


def visits(clinic: Clinic, first: date) -> Iterator[Visit]:
    """Day by day, each time filled before the next; a patient comes again once all the others have been there."""
    patients, day = cycle(clinic.patients), first
    while True:
        for start in STARTS:
            for lane in range(len(clinic.practitioners)):
                yield Visit(clinic, next(patients), datetime.combine(day, start), lane)
        day += timedelta(days=1)


async def open_clinics(
    db: Database, count: int, *, patients: int, lanes: int = SIDE_BY_SIDE, after: int = 0
) -> list[Clinic]:
    """So many of them, each with so many patients, after those that there are already."""
    now = SystemClock().now()
    treatment = NewTreatment(code=TREATMENT, name="Pen, face", modality=Modality.PEN, plan=PLAN)
    if not after:
        async with db.transaction() as tx:
            await add_treatment(tx, treatment, at=now)
    found = []
    for number in range(after, after + count):
        async with db.transaction() as tx:
            found.append(await _open(tx, f"clinic-{number}", now, patients=patients, lanes=range(lanes)))
    return found


async def _open(tx: Tx, code: str, now: datetime, *, patients: int, lanes: range) -> Clinic:
    new = NewLocation(
        code=code,
        name=code,
        city="Somewhere",
        zone=ZONE,
        legal_entity_id=new_id(),
        legal_entity_name="Needlepoint PLLC",
        opening=OPENING,
    )
    location_id = (await register_location(tx, new, at=now)).id
    until = (now + FAR).date()
    return Clinic(
        location_id,
        practitioners=tuple(
            [await _practitioner(tx, location_id, f"Nurse {each}", until=until, now=now) for each in lanes]
        ),
        rooms=tuple([(await add_room(tx, location_id, name=f"Room {each}")).id for each in lanes]),
        bays=tuple(
            [(await add_room(tx, location_id, name=f"Bay {each}", kind=RoomKind.NUMBING_BAY)).id for each in lanes]
        ),
        devices=tuple([await _device(tx, location_id, f"{code}-{each}", until) for each in lanes]),
        patients=await _patients(tx, location_id, patients, now),
    )


async def _practitioner(tx: Tx, location_id: UUID, name: str, *, until: date, now: datetime) -> UUID:
    credentials = [NewCredential(modality=Modality.PEN, valid_until=until)]
    new = NewPractitioner(name=name, credential="RN", location_ids=(location_id,), credentials=credentials)
    practitioner_id = (await add_practitioner(tx, new, at=now)).id
    for weekday in range(7):
        shift = NewShift(location_id=location_id, weekday=weekday, starts="08:00", ends="20:00")
        await add_shift(tx, practitioner_id, shift)
    return practitioner_id


async def _device(tx: Tx, location_id: UUID, serial: str, until: date) -> UUID:
    new = NewDevice(location_id=location_id, name=serial, serial=serial, modality=Modality.PEN, serviced_until=until)
    return (await add_device(tx, new)).id


async def _patients(tx: Tx, location_id: UUID, count: int, now: datetime) -> tuple[UUID, ...]:
    """All at once, and without telling anybody: booking alone is measured."""
    named = (
        NewPatient(
            given_name=f"Ada {number}", family_name="Vance", birth_date=date(1988, 4, 17), home_location_id=location_id
        )
        for number in range(count)
    )
    new = [patient_of(each, zone=ZONE, at=now, phone_region="US") for each in named]
    for each in new:
        each.registered(at=now)
    await tx.execute(insert(Resource), [{"id": each.id, "kind": ResourceKind.PATIENT} for each in new])
    tx.add_all(new)
    await tx.flush()
    return tuple(each.id for each in new)
