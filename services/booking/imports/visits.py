"""Reading visits of another system: which of our things each row means, and whether it is past or to come."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from chassis.db import Tx
from chassis.errors import DomainError
from contracts.booking import AppointmentStatus as Status
from services.booking.appointments.transitions import ENDED
from services.booking.catalogue.model import Treatment
from services.booking.imports import external
from services.booking.imports.external import Kind
from services.booking.imports.patients import Delivery, known
from services.booking.imports.results import Outcome, RowResult, Unfit
from services.booking.places.model import Location
from services.booking.practitioners.model import Practitioner, Workplace
from services.booking.schedule.wall_time import NoSuchTime, instants, local_of

FIRST_OF_TWO = "local_start: the clocks are put back and this time comes twice; the first was taken"
"""Another system's wall time does not say which; a person who is asked does not know any more (BK-03)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    external_id: str
    patient: str
    """External id of the patient, from the same source."""
    location: str
    """Id or code."""
    treatment: str
    """Code or name."""
    status: Status
    local_start: datetime | None = None
    starts_at: datetime | None = None
    """One of the two."""
    practitioner: str | None = None
    """Name or initials."""
    duration_minutes: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A row with everything it names found."""

    row: VisitRow
    location: Location
    treatment: Treatment
    patient_id: UUID
    practitioner_id: UUID | None
    """None: nobody here has this name, or none was given."""
    local_start: datetime
    starts_at: datetime
    fold: int
    """Which of the two, of a time that comes twice; 0 of every other."""
    remark: str | None = None
    """What had to be assumed."""

    @property
    def ends_at(self) -> datetime:
        minutes = self.row.duration_minutes or self.treatment.segments.patient_minutes
        return self.starts_at + timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Sorted:
    """A batch, by what is to be done with it; numbers are positions in the batch."""

    past: Mapping[int, Visit]
    to_come: Mapping[int, Visit]
    settled: Mapping[int, RowResult]
    """Rejected, or known already."""


@dataclass(frozen=True, slots=True)
class _Known:
    delivery: Delivery
    patients: Mapping[str, UUID]
    treatments: Mapping[str, Treatment]
    people: Mapping[tuple[UUID, str], UUID]


async def sort_out(tx: Tx, rows: Sequence[VisitRow], delivery: Delivery) -> Sorted:
    """Find what each row means; reading only."""
    here = _Known(
        delivery,
        await external.targets_of(tx, delivery.source, Kind.PATIENT, (row.patient for row in rows)),
        await _treatments(tx),
        await _people(tx),
    )
    seen = await external.targets_of(tx, delivery.source, Kind.APPOINTMENT, (row.external_id for row in rows))
    past: dict[int, Visit] = {}
    to_come: dict[int, Visit] = {}
    settled: dict[int, RowResult] = {}
    ids = set(seen)
    for number, row in enumerate(rows):
        if row.external_id in ids:
            settled[number] = RowResult(row.external_id, Outcome.UNCHANGED)
            continue
        try:
            visit = _visit(row, here)
            (past if became(row.status, visit.starts_at, delivery.at) else to_come)[number] = visit
            ids.add(row.external_id)
        except DomainError as error:
            settled[number] = RowResult.rejected(row.external_id, error)
    return Sorted(past, to_come, settled)


def became(status: Status, starts_at: datetime, now: datetime) -> Status | None:
    """What a visit is in history; None for one that is still to come.

    A past visit that the other system never closed counts as done: it is safer to keep the interval to it (CL-22).
    """
    if starts_at <= now:
        return status if status in ENDED else Status.COMPLETED
    if status is Status.COMPLETED:
        raise Unfit(reason="status: a visit in the future can't be completed")
    return status if status in ENDED else None


def _visit(row: VisitRow, here: _Known) -> Visit:
    location = here.delivery.places.get(row.location)
    if location is None:
        raise Unfit(reason=f"location: there is no location {row.location!r}")
    treatment = here.treatments.get(row.treatment.casefold())
    if treatment is None:
        raise Unfit(reason=f"treatment: there is no treatment {row.treatment!r}")
    found = _when(row, location.zone)
    return Visit(
        row=row,
        location=location,
        treatment=treatment,
        patient_id=known(here.patients, row.patient, what="patient"),
        practitioner_id=here.people.get((location.id, row.practitioner.casefold())) if row.practitioner else None,
        local_start=found.local_start,
        starts_at=found.starts_at,
        fold=found.fold,
        remark=FIRST_OF_TWO if found.is_assumed else None,
    )


@dataclass(frozen=True, slots=True)
class _When:
    local_start: datetime
    starts_at: datetime
    fold: int = 0
    is_assumed: bool = False


def _when(row: VisitRow, zone: str) -> _When:
    if row.starts_at is not None:
        local = local_of(row.starts_at, zone)
        return _When(local, row.starts_at, instants(local, zone).index(row.starts_at))
    if row.local_start is None:
        raise Unfit(reason="local_start: neither local_start nor starts_at was given")
    found = instants(row.local_start, zone)
    if not found:
        raise NoSuchTime(local_start=row.local_start.isoformat(), zone=zone)
    return _When(row.local_start, found[0], is_assumed=len(found) > 1)


async def _treatments(tx: Tx) -> dict[str, Treatment]:
    found = (await tx.scalars(select(Treatment))).all()
    return {each.name.casefold(): each for each in found} | {each.code: each for each in found}


async def _people(tx: Tx) -> dict[tuple[UUID, str], UUID]:
    """By location and name, or initials where these belong to one person only; those who are active go first."""
    rows = await tx.execute(
        select(Workplace.location_id, Practitioner.id, Practitioner.name, Practitioner.initials)
        .join(Practitioner, Practitioner.id == Workplace.practitioner_id)
        .order_by(Practitioner.active, Practitioner.id)
    )
    names: dict[tuple[UUID, str], UUID] = {}
    initials: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for location_id, id_, name, short in rows:
        names[location_id, name.casefold()] = id_
        initials[location_id, short.casefold()].add(id_)
    return {key: min(ids) for key, ids in initials.items() if len(ids) == 1} | names
