"""Visits with the names that screens show beside them, and what is known of a patient when one is booked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, exists, literal_column, or_, select
from sqlalchemy.orm import aliased

from chassis import straight
from chassis.compiled import Statement
from chassis.db import Tx
from chassis.errors import NotFound
from services.booking.appointments.interval import INTERVAL_DAYS_MIN
from services.booking.appointments.model import Appointment
from services.booking.appointments.transitions import FREED
from services.booking.catalogue.model import Treatment
from services.booking.patients.model import Patient
from services.booking.places.model import Room
from services.booking.practitioners.model import Practitioner
from services.booking.schedule.wall_time import day_span, local_of

_EARLIER = aliased(Appointment)
_FREED: list[ColumnElement[str]] = [literal_column(f"'{each}'") for each in FREED]


def _counts(visit: type[Appointment]) -> ColumnElement[bool]:
    """Whether it takes place: one that was broken off once the needling had begun did."""
    return or_(visit.status.not_in(_FREED), visit.started_at.is_not(None))


_BEEN_BEFORE = exists().where(
    _EARLIER.patient_id == Appointment.patient_id,
    _EARLIER.starts_at < Appointment.starts_at,
    _counts(_EARLIER),
)
_BESIDE = (
    Patient.given_name,
    Patient.family_name,
    Treatment.name.label("treatment_name"),
    Practitioner.name.label("practitioner_name"),
    Room.name.label("room_name"),
    (~_BEEN_BEFORE).label("is_first"),
)
_VISITS = (
    select(Appointment, *_BESIDE)
    .join(Patient, Patient.id == Appointment.patient_id)
    .join(Treatment, Treatment.id == Appointment.treatment_id)
    .join(Practitioner, Practitioner.id == Appointment.practitioner_id)
    .join(Room, Room.id == Appointment.room_id)
)
_VISIT = _VISITS.where(Appointment.id == bindparam("id"))
_NAMES = Statement(_VISIT.with_only_columns(*_BESIDE, maintain_column_froms=True))
_DAY = _VISITS.where(
    Appointment.location_id == bindparam("location"),
    Appointment.starts_at >= bindparam("first"),
    Appointment.starts_at < bindparam("last"),
).order_by(Appointment.starts_at, Appointment.id)

_LOOK_BACK = timedelta(days=INTERVAL_DAYS_MIN + 1)
_STANDING = """
    WITH theirs AS (
        SELECT starts_at, local_start, started_at, zone, modality FROM appointment
         WHERE patient_id = $1 AND (status <> ALL ($2::text[]) OR started_at IS NOT NULL)
           AND id IS DISTINCT FROM $3::uuid)
    SELECT given_name, family_name,
           EXISTS (SELECT FROM theirs WHERE starts_at < $4),
           (SELECT jsonb_agg(jsonb_build_array(local_start, started_at, zone)) FROM theirs
             WHERE modality <> 'none' AND (starts_at >= $5 OR started_at >= $5))
      FROM patient WHERE id = $1
    """
"""These are built once: building a statement takes longer than PostgreSQL needs to answer it."""


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
    """Local dates of needling sessions, from an interval before the wanted day on.

    A session that has begun counts on the day on which it did, whatever day it was booked for (CL-22).
    """


async def visit(tx: Tx, appointment_id: UUID) -> Visit:
    """One visit; `NotFound` for an unknown id."""
    row = (await tx.execute(_VISIT, {"id": appointment_id})).one_or_none()
    if row is None:
        raise NotFound(kind="appointment", id=str(appointment_id))
    return Visit(*row)


async def with_names(tx: Tx, appointment: Appointment) -> Visit:
    """This visit, of which only the names beside it are asked for."""
    [names] = await _NAMES(tx, id=appointment.id)
    return Visit(appointment, *names)


async def day_of(tx: Tx, location_id: UUID, day: date, zone: str) -> list[Visit]:
    """All visits of a local day, whatever became of them, by time."""
    first, last = day_span(day, zone)
    asked = {"location": location_id, "first": first, "last": last}
    return [Visit(*row) for row in await tx.execute(_DAY, asked)]


async def of_patient(tx: Tx, patient_id: UUID, *where: Any, limit: int) -> list[Visit]:
    """A patient's visits, newest first."""
    theirs = _VISITS.where(Appointment.patient_id == patient_id, *where)
    newest_first = theirs.order_by(Appointment.starts_at.desc(), Appointment.id.desc()).limit(limit)
    return [Visit(*row) for row in await tx.execute(newest_first)]


async def standing(tx: Tx, patient_id: UUID, *, starts_at: datetime, day: date, but: UUID | None = None) -> Standing:
    """Ask after the patient's resource row was locked, so that no other booking of theirs comes in between."""
    since = starts_at - _LOOK_BACK
    found = await straight.fetch(tx, _STANDING, patient_id, list(FREED), but, starts_at, since)
    if not found:
        raise NotFound(kind="patient", id=str(patient_id))
    given_name, family_name, been_before, sessions = found[0]
    nearest = day - timedelta(days=INTERVAL_DAYS_MIN)
    days = (_day_of_session(*each) for each in sessions or ())
    return Standing(given_name, family_name, been_before, tuple(each for each in days if each > nearest))


def _day_of_session(local_start: str, started_at: str | None, zone: str) -> date:
    if started_at is None:
        return datetime.fromisoformat(local_start).date()
    return local_of(datetime.fromisoformat(started_at), zone).date()
