"""Builders for booking: a small clinic that is open, staffed and equipped, its patients, and visits on any day."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from sqlalchemy import select, text

from chassis.clock import new_id
from chassis.db import Database, Tx
from chassis.timers import run_once
from contracts.values import Modality
from services.booking.app import build
from services.booking.appointments.booking import Request
from services.booking.appointments.usecases import NewAppointment
from services.booking.catalogue.usecases import NewTreatment, add_treatment
from services.booking.patients.usecases import NewPatient, register_patient
from services.booking.places.model import RoomKind
from services.booking.places.usecases import NewDevice, NewLocation, add_device, add_room, register_location
from services.booking.practitioners.model import Credential, Workplace
from services.booking.practitioners.usecases import (
    NewCredential,
    NewPractitioner,
    NewShift,
    add_practitioner,
    add_shift,
)
from services.booking.schedule.model import Claim
from services.booking.schedule.picking import Wish
from services.booking.schedule.segments import Plan
from services.booking.schedule.wall_time import local_of
from services.booking.settings import BookingSettings
from tests.support.house import NOON, House, plan
from tests.support.tokens import a_member_of_staff

BOOKING = plan(build, BookingSettings)
NEW_YORK = "America/New_York"
PEN = "pen-face"
CONSULTATION = "consultation"
TOMORROW = date(2026, 11, 24)
"""A Tuesday; the house's clock stands at Monday noon."""
PEN_PLAN = Plan(checkin=5, numbing=30, procedure=45, aftercare=10, cleaning=15)
"""BK-09."""
EVERY_DAY = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("08:00", "20:00"))


@dataclass
class Clinic:
    """Ids of what was built."""

    id: UUID
    legal_entity_id: UUID
    zone: str = NEW_YORK
    practitioners: list[UUID] = field(default_factory=list)
    rooms: list[UUID] = field(default_factory=list)
    bays: list[UUID] = field(default_factory=list)
    devices: list[UUID] = field(default_factory=list)


def database(house: House) -> Database:
    return house.running["booking"].context.db


async def treatments(tx: Tx) -> None:
    """A pen treatment with numbing, and a consultation in which nothing is needled."""
    await add_treatment(tx, NewTreatment(code=PEN, name="Pen, face", modality=Modality.PEN, plan=PEN_PLAN), at=NOON)
    talk = Plan(checkin=0, procedure=30, aftercare=0, cleaning=0, uses_device=False)
    new = NewTreatment(code=CONSULTATION, name="Consultation", modality=Modality.NONE, plan=talk)
    await add_treatment(tx, new, at=NOON)


async def a_clinic(
    tx: Tx, *, code: str = "soho", zone: str = NEW_YORK, practitioners: int = 2, rooms: int = 2, bays: int = 1
) -> Clinic:
    """Open every day from 8 to 20, with as many devices as rooms, everybody there all day."""
    new = NewLocation(
        code=code,
        name=f"Needlepoint {code}",
        city="Somewhere",
        zone=zone,
        legal_entity_id=new_id(),
        legal_entity_name="Needlepoint PLLC",
        phone="+12125550142",
        opening=EVERY_DAY,
    )
    location = await register_location(tx, new, at=NOON)
    clinic = Clinic(location.id, location.legal_entity_id, zone)
    for number in range(1, rooms + 1):
        clinic.rooms.append((await add_room(tx, location.id, name=f"Room {number}")).id)
        device = NewDevice(
            location_id=location.id,
            name=f"Pen {number}",
            serial=f"{code}-{number}",
            modality=Modality.PEN,
            serviced_until=date(2027, 12, 31),
        )
        clinic.devices.append((await add_device(tx, device)).id)
    for number in range(1, bays + 1):
        bay = await add_room(tx, location.id, name=f"Bay {number}", kind=RoomKind.NUMBING_BAY)
        clinic.bays.append(bay.id)
    for number in range(1, practitioners + 1):
        clinic.practitioners.append(await a_practitioner(tx, clinic, name=f"Nurse {number}"))
    return clinic


async def a_practitioner(
    tx: Tx, clinic: Clinic, *, name: str, valid_until: date | None = date(2027, 12, 31), shifts: bool = True
) -> UUID:
    """Somebody who works at this clinic every day, and may use the pen."""
    credentials = [NewCredential(modality=Modality.PEN, valid_until=valid_until)] if valid_until else []
    new = NewPractitioner(name=name, credential="RN", location_ids=(clinic.id,), credentials=credentials)
    practitioner = await add_practitioner(tx, new, at=NOON)
    for weekday in range(7 if shifts else 0):
        await add_shift(
            tx, practitioner.id, NewShift(location_id=clinic.id, weekday=weekday, starts="08:00", ends="20:00")
        )
    return practitioner.id


async def a_patient(tx: Tx, clinic: Clinic, *, given: str = "Mary", family: str = "Holt", **more: Any) -> UUID:
    new = NewPatient(
        given_name=given, family_name=family, birth_date=date(1988, 4, 17), home_location_id=clinic.id, **more
    )
    return (await register_patient(tx, new, at=NOON)).id


async def open_for_business(house: House, **how: Any) -> tuple[Clinic, UUID]:
    """A clinic with treatments on offer, and one patient."""
    async with database(house).transaction() as tx:
        await treatments(tx)
        clinic = await a_clinic(tx, **how)
        return clinic, await a_patient(tx, clinic)


async def patients(house: House, clinic: Clinic, count: int) -> list[UUID]:
    async with database(house).transaction() as tx:
        return [await a_patient(tx, clinic, given=f"P{number}") for number in range(count)]


def at(time_of_day: str, on: date = TOMORROW) -> datetime:
    """`at("10:00")`: wall time."""
    return datetime.fromisoformat(f"{on.isoformat()}T{time_of_day}:00")


def wanted(clinic: Clinic, patient_id: UUID, start: datetime, *, treatment: str = PEN, **wish: Any) -> NewAppointment:
    request = Request(
        patient_id=patient_id, location_id=clinic.id, treatment=treatment, local_start=start, wish=Wish(**wish)
    )
    return NewAppointment(request=request)


def desk(house: House, clinic: Clinic) -> httpx.AsyncClient:
    return house.client("booking", a_member_of_staff("front_desk", at=clinic.id))


def clinician(house: House, clinic: Clinic) -> httpx.AsyncClient:
    return house.client("booking", a_member_of_staff("practitioner", at=clinic.id))


async def book(
    client: httpx.AsyncClient, clinic: Clinic, patient_id: UUID | str, start: datetime, **more: Any
) -> httpx.Response:
    """Over HTTP, as the desk does it."""
    body = {
        "patient_id": str(patient_id),
        "location_id": str(clinic.id),
        "treatment": PEN,
        "local_start": start.isoformat(),
        **{name: str(each) if isinstance(each, UUID) else each for name, each in more.items()},
    }
    return await client.post("/appointments", json=body)


async def act(client: httpx.AsyncClient, appointment: dict[str, Any], action: str, **body: Any) -> httpx.Response:
    return await client.post(f"/appointments/{appointment['id']}/{action}", json=body)


def a_record(**more: Any) -> dict[str, Any]:
    """A treatment record as a practitioner fills it in."""
    areas = [{"area": "cheek", "depth_hundredths_mm": 100, "passes": 3}]
    return {"areas": areas, "aftercare_given": True, "reaction_grade": 1, **more}


async def claims(house: House) -> dict[str, tuple[str, str]]:
    """What is occupied, by kind of resource, as wall times in New York."""
    async with database(house).reading() as tx:
        rows = (await tx.scalars(select(Claim))).all()
    return {
        each.kind.value: (_wall(each.starts_at), _wall(each.ends_at)) for each in sorted(rows, key=lambda row: row.kind)
    }


def _wall(instant: datetime) -> str:
    return f"{local_of(instant, NEW_YORK):%H:%M}"


async def also_works_at(tx: Tx, practitioner_id: UUID, clinic: Clinic) -> None:
    """The same person, every day, at another clinic as well."""
    tx.add(Workplace(practitioner_id=practitioner_id, location_id=clinic.id))
    until = date(2027, 12, 31)
    tx.add(Credential(practitioner_id=practitioner_id, location_id=clinic.id, modality=Modality.PEN, valid_until=until))
    await tx.flush()
    for weekday in range(7):
        shift = NewShift(location_id=clinic.id, weekday=weekday, starts="08:00", ends="20:00")
        await add_shift(tx, practitioner_id, shift)


async def overlapping_claims(house: House) -> int:
    """How many pairs of claims of one resource overlap; the constraint counts, and so do we."""
    count = text(
        "SELECT count(*) FROM claim a JOIN claim b ON a.resource_id = b.resource_id"
        " AND a.appointment_id < b.appointment_id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    )
    async with database(house).reading() as tx:
        return int(await tx.scalar(count) or 0)


async def run_timer(house: House, name: str) -> int:
    """Let a timer do what is due; returns how much that was."""
    running = house.running["booking"]
    [timer] = [each for each in running.service.timers if each.name == name]
    return await run_once(running.context, timer)


async def owner(house: House) -> asyncpg.Connection:
    """A connection as the owner of booking's tables, for tests that take a safeguard away."""
    url = database(house).engine.url
    connection: asyncpg.Connection = await asyncpg.connect(
        host=url.query["host"], user="booking_owner", database=url.database
    )
    return connection


def days_after(day: date, days: int) -> date:
    return day + timedelta(days=days)
