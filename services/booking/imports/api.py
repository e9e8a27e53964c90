"""HTTP door to imports: batches of rows of another system, one result a row, safe to send again."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Self
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.context import Context
from chassis.db import Database, Tx
from chassis.errors import DomainError
from chassis.fields import AsNumber, Day, Instant, Line, Note
from chassis.http import InContext, router
from contracts.booking import AppointmentStatus
from contracts.identity import MANAGEMENT
from services.booking.imports import taking_over
from services.booking.imports.patients import Delivery, PatientRow, import_patients, places_by_name
from services.booking.imports.results import Outcome, RowResult
from services.booking.imports.visits import Visit, VisitRow, sort_out
from services.booking.places.model import Location
from services.booking.settings import BookingSettings
from services.booking.words import Language, WallTimeOfHistory

api = router("/imports", tag="imports")
Manager = Annotated[Scope, require(*MANAGEMENT)]
DryRun = Annotated[bool, Query(description="Only say what would become of each row.")]
ROWS_MAX = 1000

ExternalId = Annotated[Line, Field(description="The row's id in the other system.", examples=["C-10442"])]
Source = Annotated[Line, Field(description="Which system the ids belong to.", examples=["former-system"])]


class PatientRowIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    external_id: ExternalId
    given_name: Line = Field(examples=["Mary"])
    family_name: Line = Field(examples=["Holt"])
    home_location_id: UUID | None = None
    home_location: Line | None = Field(default=None, description="Its code, instead of its id.", examples=["soho"])
    birth_date: Day | None = Field(default=None, examples=["1988-04-17"])
    email: Line | None = Field(default=None, examples=["mary.holt@example.com"])
    phone: Line | None = Field(default=None, examples=["(212) 555-0142"])
    zone: Line | None = Field(default=None, examples=["America/New_York"])
    language: Language = "en"


class VisitRowIn(BaseModel):
    """`local_start` is wall time at the location; `starts_at` may be given instead."""

    model_config = ConfigDict(extra="forbid")

    external_id: ExternalId
    patient: Line = Field(description="The patient's id in the other system.", examples=["P-2201"])
    location_id: UUID | None = None
    location: Line | None = Field(default=None, description="Its code, instead of its id.", examples=["soho"])
    treatment: Line = Field(description="Code or name.", examples=["pen-face"])
    status: AppointmentStatus
    local_start: WallTimeOfHistory | None = None
    starts_at: Instant | None = Field(default=None, examples=[None])
    practitioner: Line | None = Field(default=None, description="Name or initials.", examples=["Maya Ortiz"])
    duration_minutes: Annotated[int, Field(ge=5, le=600), AsNumber] | None = Field(default=None, examples=[90])
    note: Note | None = Field(default=None, examples=["Asked for the quiet room."])

    @model_validator(mode="after")
    def _has_one_time(self) -> Self:
        if (self.local_start is None) == (self.starts_at is None):
            raise ValueError("give either local_start or starts_at")
        return self


class PatientsIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source = "import"
    rows: list[PatientRowIn] = Field(min_length=1, max_length=ROWS_MAX)


class VisitsIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source = "import"
    rows: list[VisitRowIn] = Field(min_length=1, max_length=ROWS_MAX)


class RowOut(BaseModel):
    external_id: str
    outcome: Outcome
    reason: str | None = Field(description="Why a row was rejected.")
    remark: str | None = Field(
        description="What was assumed of a row that went in.",
        examples=["local_start: the clocks are put back and this time comes twice; the first was taken"],
    )


class ResultsOut(BaseModel):
    results: list[RowOut] = Field(description="One a row, in the order of the rows.")


class _OnlyTriedError(Exception):
    """Undoes a dry run."""


@api.post("/patients")
async def patients(
    body: PatientsIn, command: Commanded, context: InContext, scope: Manager, *, dry_run: DryRun = False
) -> ResultsOut:
    """Take patients over, up to 1000 at once."""
    out = ResultsOut(results=[])
    try:
        async with command.transaction() as tx:
            delivery = await _delivery(tx, context, scope, body.source)
            rows = [_patient_row(each) for each in body.rows]
            out = _shown(await import_patients(tx, rows, delivery))
            if dry_run:
                raise _OnlyTriedError
            command.answer(out)
    except _OnlyTriedError:
        pass
    return out


@api.post("/appointments")
async def appointments(
    body: VisitsIn, command: Commanded, context: InContext, scope: Manager, *, dry_run: DryRun = False
) -> ResultsOut:
    """Take visits over, up to 1000 at once: past ones become history, those to come are booked.

    A dry run sees two of these rows that want the same person or room, and neither in another call.
    """
    rows = [_visit_row(each) for each in body.rows]
    async with context.db.reading() as tx:
        delivery = await _delivery(tx, context, scope, body.source)
        found = await sort_out(tx, rows, delivery)
    results = dict(found.settled)
    results |= await (_try if dry_run else _book)(context.db, found.to_come, delivery)
    out = ResultsOut(results=[])
    try:
        async with command.transaction() as tx:
            results |= await taking_over.keep_history(tx, found.past, delivery)
            out = _shown([results[number] for number in range(len(rows))])
            if dry_run:
                raise _OnlyTriedError
            command.answer(out)
    except _OnlyTriedError:
        pass
    return out


async def _book(db: Database, to_come: Mapping[int, Visit], delivery: Delivery) -> dict[int, RowResult]:
    """Each in a transaction of its own: a batch does not keep a clinic's day locked."""
    results = {}
    for number, visit in to_come.items():
        try:
            async with db.transaction() as tx:
                results[number] = await taking_over.book_one(tx, visit, delivery)
        except DomainError as error:
            results[number] = RowResult.rejected(visit.row.external_id, error)
        except taking_over.TakenMeanwhile:
            results[number] = RowResult(visit.row.external_id, Outcome.UNCHANGED)
    return results


async def _try(db: Database, to_come: Mapping[int, Visit], delivery: Delivery) -> dict[int, RowResult]:
    """Each day in a transaction of its own, which is undone: rows of one day must see each other."""
    results: dict[int, RowResult] = {}
    for visits in taking_over.by_day(to_come):
        try:
            async with db.transaction() as tx:
                results |= await taking_over.book_day(tx, visits, delivery)
                raise _OnlyTriedError
        except _OnlyTriedError:
            pass
    return results


async def _delivery(tx: Tx, context: Context, scope: Scope, source: str) -> Delivery:
    locations = (await tx.scalars(select(Location).where(scope.within(Location.id)))).all()
    return Delivery(
        source=source,
        places=places_by_name(locations),
        at=context.clock.now(),
        phone_region=context.settings_as(BookingSettings).phone_region,
    )


def _patient_row(row: PatientRowIn) -> PatientRow:
    given = row.model_dump(exclude={"home_location_id", "home_location"})
    return PatientRow(**given, home_location=str(row.home_location_id or row.home_location or ""))


def _visit_row(row: VisitRowIn) -> VisitRow:
    given = row.model_dump(exclude={"location_id", "location"})
    return VisitRow(**given, location=str(row.location_id or row.location or ""))


def _shown(results: list[RowResult]) -> ResultsOut:
    return ResultsOut(results=[RowOut(**asdict(each)) for each in results])
