"""Visits with the names that screens show beside them, and what is known of a patient when one is booked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, cast, exists, func, select
from sqlalchemy.orm import aliased

from chassis.db import Tx
from chassis.errors import NotFound
from contracts.values import Modality
from services.booking.appointments.interval import INTERVAL_DAYS_MIN
from services.booking.appointments.model import Appointment
from services.booking.appointments.transitions import FREED
from services.booking.catalogue.model import Treatment
from services.booking.patients.model import Patient
from services.booking.places.model import Room
from services.booking.practitioners.model import Practitioner
from services.booking.schedule.wall_time import day_span

_Earlier = aliased(Appointment)


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment and the names that belong to it."""

    appointment: Appointment
    given_name: str
    family_name: str
    treatment_name: str
    practitioner_name: str
    room_name: str
    is_first: bool
    """The patient has not been with us before."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What matters about a patient when a visit is booked."""

    given_name: str
    family_name: str
    been_before: bool
    sessions: tuple[date, ...]
    """Local dates of needling sessions, from an interval before the wanted day on."""


async def visit(tx: Tx, appointment_id: UUID) -> Visit:
    """One visit; `NotFound` for an unknown id."""
    row = (await tx.execute(_visits().where(Appointment.id == appointment_id))).one_or_none()
    if row is None:
        raise NotFound(kind="appointment", id=str(appointment_id))
    return Visit(*row)


async def day_of(tx: Tx, location_id: UUID, day: date, zone: str) -> list[Visit]:
    """All visits of a local day, whatever became of them, by time."""
    first, last = day_span(day, zone)
    at_place = _visits().where(
        Appointment.location_id == location_id, Appointment.starts_at >= first, Appointment.starts_at < last
    )
    return [Visit(*row) for row in await tx.execute(at_place.order_by(Appointment.starts_at, Appointment.id))]


async def of_patient(tx: Tx, patient_id: UUID, *where: Any, limit: int) -> list[Visit]:
    """A patient's visits, newest first."""
    theirs = _visits().where(Appointment.patient_id == patient_id, *where)
    newest_first = theirs.order_by(Appointment.starts_at.desc(), Appointment.id.desc()).limit(limit)
    return [Visit(*row) for row in await tx.execute(newest_first)]


async def standing(tx: Tx, patient_id: UUID, *, starts_at: datetime, day: date, but: UUID | None = None) -> Standing:
    """Ask after the patient's resource row was locked, so that no other booking of theirs comes in between."""
    theirs = (
        Appointment.patient_id == patient_id,
        Appointment.status.not_in(FREED),
        Appointment.id.is_distinct_from(but),
    )
    sessions = select(func.array_agg(cast(Appointment.local_start, Date))).where(
        *theirs,
        Appointment.modality != Modality.NONE,
        Appointment.starts_at >= starts_at - timedelta(days=INTERVAL_DAYS_MIN + 1),
    )
    before = exists().where(*theirs, Appointment.starts_at < starts_at)
    asked = select(Patient.given_name, Patient.family_name, before, sessions.scalar_subquery())
    row = (await tx.execute(asked.where(Patient.id == patient_id))).one_or_none()
    if row is None:
        raise NotFound(kind="patient", id=str(patient_id))
    nearest = day - timedelta(days=INTERVAL_DAYS_MIN)
    return Standing(row[0], row[1], row[2], tuple(each for each in row[3] or () if each > nearest))


def _visits() -> Select[Appointment, str, str, str, str, str, bool]:
    been_before = exists().where(
        _Earlier.patient_id == Appointment.patient_id,
        _Earlier.starts_at < Appointment.starts_at,
        _Earlier.status.not_in(FREED),
    )
    return (
        select(
            Appointment,
            Patient.given_name,
            Patient.family_name,
            Treatment.name,
            Practitioner.name,
            Room.name,
            ~been_before,
        )
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Treatment, Treatment.id == Appointment.treatment_id)
        .join(Practitioner, Practitioner.id == Appointment.practitioner_id)
        .join(Room, Room.id == Appointment.room_id)
    )
