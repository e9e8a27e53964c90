"""Taking patients over from another system, a batch at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import insert

from chassis.db import Tx
from chassis.errors import DomainError
from chassis.outbox import emit
from services.booking.imports import external
from services.booking.imports.external import Kind
from services.booking.imports.results import Outcome, RowResult, Unfit
from services.booking.patients.model import Patient
from services.booking.patients.usecases import NewPatient, patient_of
from services.booking.places.model import Location
from services.booking.schedule.model import Resource
from services.booking.schedule.segments import ResourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRow:
    external_id: str
    given_name: str
    family_name: str
    home_location: str
    """Id or code."""
    birth_date: date | None = None
    email: str | None = None
    phone: str | None = None
    zone: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where a batch comes from, and what it may be taken over to."""

    source: str
    places: Mapping[str, Location]
    """By id and by code."""
    at: datetime
    phone_region: str = "US"


async def import_patients(tx: Tx, rows: Sequence[PatientRow], delivery: Delivery) -> list[RowResult]:
    """One result a row, in their order; a row that was taken over before is left as it is."""
    fit: dict[str, Patient] = {}
    results: dict[int, RowResult] = {}
    for number, row in enumerate(rows):
        try:
            fit.setdefault(row.external_id, _patient(row, delivery))
        except DomainError as error:
            results[number] = RowResult.rejected(row.external_id, error)
    new = await external.take(tx, delivery.source, Kind.PATIENT, {key: patient.id for key, patient in fit.items()})
    await _keep(tx, [fit[key] for key in sorted(new)], at=delivery.at)
    for number, row in enumerate(rows):
        if number not in results:
            outcome = Outcome.CREATED if row.external_id in new else Outcome.UNCHANGED
            results[number] = RowResult(row.external_id, outcome)
            new.discard(row.external_id)  # the same row may stand twice in one batch
    return [results[number] for number in range(len(rows))]


async def _keep(tx: Tx, patients: Sequence[Patient], *, at: datetime) -> None:
    if not patients:
        return
    await tx.execute(insert(Resource), [{"id": each.id, "kind": ResourceKind.PATIENT} for each in patients])
    tx.add_all(patients)
    emit(tx, *(each.registered(at=at) for each in patients))
    await tx.flush()


def _patient(row: PatientRow, delivery: Delivery) -> Patient:
    home = delivery.places.get(row.home_location)
    if home is None:
        raise Unfit(reason=f"home_location: there is no location {row.home_location!r}")
    new = NewPatient(
        given_name=row.given_name,
        family_name=row.family_name,
        home_location_id=home.id,
        birth_date=row.birth_date,
        email=_email(row.email),
        phone=row.phone,
        zone=row.zone,
        language=row.language,
    )
    return patient_of(new, zone=row.zone or home.zone, at=delivery.at, phone_region=delivery.phone_region)


def _email(written: str | None) -> str | None:
    if not written:
        return None
    try:
        return validate_email(written, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Unfit(reason=f"email: {error}") from None


def places_by_name(locations: Sequence[Location]) -> dict[str, Location]:
    """A location may be named by its id or by its code."""
    by_code = {location.code: location for location in locations}
    return by_code | {str(location.id): location for location in locations}


def known(ids: Mapping[str, UUID], external_id: str, *, what: str) -> UUID:
    """What an external id stands for, else `Unfit`."""
    if external_id not in ids:
        raise Unfit(reason=f"{what}: {external_id!r} was not imported from this source")
    return ids[external_id]
