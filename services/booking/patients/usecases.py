"""Registering a patient, and correcting what is known of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import phonenumbers

from chassis.clock import new_id
from chassis.db import Tx, one
from chassis.outbox import emit
from chassis.zones import zone_named
from services.booking.patients import queries
from services.booking.patients.model import (
    BirthDateNotValid,
    DetailsChanged,
    Patient,
    PerhapsKnown,
    PhoneNotValid,
    search_text,
    sort_key,
)
from services.booking.places.model import Location
from services.booking.schedule.segments import ResourceKind
from services.booking.schedule.usecases import add_resource

OLDEST_BIRTH = date(1900, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPatient:
    given_name: str
    family_name: str
    home_location_id: UUID
    birth_date: date | None
    email: str | None = None
    phone: str | None = None
    """As it was written; stored as E.164."""
    zone: str | None = None
    """None: the zone of the home location."""
    language: str = "en"
    accepts_email: bool = True
    differs_from: Sequence[UUID] | None = None
    """Patients who look alike and are not this one; None: nobody compared, and nobody is asked to."""


async def register_patient(tx: Tx, new: NewPatient, *, at: datetime, phone_region: str = "US") -> Patient:
    """Somebody becomes a patient; the fact that goes out says no more than that."""
    home = await one(tx, Location, new.home_location_id)
    patient = patient_of(new, zone=new.zone or home.zone, at=at, phone_region=phone_region)
    if new.differs_from is not None:
        await _must_be_new(tx, patient, new.differs_from)
    await add_resource(tx, patient.id, ResourceKind.PATIENT)
    tx.add(patient)
    emit(tx, patient.registered(at=at))
    await tx.flush()
    return patient


async def correct_patient(
    tx: Tx, patient: Patient, to: NewPatient, *, seen: int, at: datetime, phone_region: str = "US"
) -> None:
    """Keep the details of a locked patient as they are given; `DetailsChanged` for who has seen another version."""
    if seen != patient.version:
        raise DetailsChanged(version=patient.version)
    if to.birth_date is None and patient.birth_date is not None:
        raise BirthDateNotValid
    await one(tx, Location, to.home_location_id)
    fact = patient.correct(patient_of(to, zone=to.zone or patient.zone, at=at, phone_region=phone_region), at=at)
    if fact is not None:
        emit(tx, fact)


async def _must_be_new(tx: Tx, patient: Patient, others: Sequence[UUID]) -> None:
    """Refuse a likely duplicate that the one who registers has not been shown; who it is stays in the list (CP-14)."""
    found = await queries.alike(tx, patient)
    if not found.keys() <= set(others):
        raise PerhapsKnown(alike=[{"patient_id": str(each), "because": because} for each, because in found.items()])


def patient_of(new: NewPatient, *, zone: str, at: datetime, phone_region: str) -> Patient:
    """The patient, with everything checked and in its one form; not stored yet."""
    zone_named(zone)
    if new.birth_date is not None and not OLDEST_BIRTH <= new.birth_date <= at.date():
        raise BirthDateNotValid(birth_date=new.birth_date.isoformat())
    phone = e164(new.phone, phone_region) if new.phone else None
    return Patient(
        id=new_id(),
        version=0,
        given_name=new.given_name,
        family_name=new.family_name,
        birth_date=new.birth_date,
        email=new.email,
        phone=phone,
        zone=zone,
        language=new.language,
        accepts_email=new.accepts_email,
        home_location_id=new.home_location_id,
        search_text=search_text(given_name=new.given_name, family_name=new.family_name, email=new.email, phone=phone),
        sort_key=sort_key(new.given_name, new.family_name),
        registered_at=at,
    )


def e164(number: str, region: str) -> str:
    """`(212) 555-0142` as `+12125550142`; `PhoneNotValid` for what can't be called."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException as error:
        raise PhoneNotValid from error
    if not phonenumbers.is_valid_number(parsed):
        raise PhoneNotValid
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
