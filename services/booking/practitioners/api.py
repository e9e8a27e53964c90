"""HTTP door to the people who treat: their places, credentials, shifts and absences."""

from datetime import date, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.db import Tx, one
from chassis.errors import NotFound
from chassis.examples import EXAMPLE_ID
from chassis.fields import AsNumber, Day, Line
from chassis.http import Db, Now, refuses, router
from contracts.identity import MANAGEMENT
from contracts.values import Modality
from services.booking.places.model import Location
from services.booking.practitioners import queries, usecases
from services.booking.practitioners.model import (
    Absence,
    Practitioner,
    Shift,
    ShiftNotValid,
    ShiftOverlaps,
    VisitsInTheWay,
    Workplace,
)
from services.booking.words import TimeOfDay

api = router("/practitioners", tag="practitioners")
Manager = Annotated[Scope, require(*MANAGEMENT)]
Places = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=200, examples=[[EXAMPLE_ID]])]


class CredentialIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    modality: Modality
    valid_until: Day = Field(examples=["2027-12-31"])
    location_ids: Places | None = Field(default=None, description="Null: at each of the practitioner's locations.")


class PractitionerIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Line = Field(examples=["Maya Ortiz"])
    initials: Line | None = Field(default=None, examples=["MO"])
    credential: Line = Field(examples=["RN"])
    location_ids: Places
    credentials: list[CredentialIn] = Field(default_factory=list, max_length=50)


class PractitionerOut(BaseModel):
    id: UUID
    name: str
    initials: str
    credential: str
    location_ids: list[UUID]


class ShiftIn(BaseModel):
    """Working hours: give `weekday` (0 is Monday) for every week, or `day` for one day."""

    model_config = ConfigDict(extra="forbid")

    location_id: UUID = Field(examples=[EXAMPLE_ID])
    weekday: Annotated[int, Field(ge=0, le=6), AsNumber] | None = Field(default=None, examples=[0])
    day: Day | None = Field(default=None, examples=[None])
    starts: TimeOfDay = Field(examples=["09:00"])
    ends: TimeOfDay = Field(examples=["17:30"])
    from_on: Day | None = Field(default=None, examples=["2026-12-01"])
    until_on: Day | None = Field(default=None, examples=["2027-05-31"])


class ShiftKept(BaseModel):
    id: UUID
    practitioner_id: UUID
    location_id: UUID
    weekday: int | None
    day: date | None
    starts: str
    ends: str
    from_on: date | None
    until_on: date | None

    @classmethod
    def of(cls, shift: Shift) -> Self:
        return cls(
            id=shift.id,
            practitioner_id=shift.practitioner_id,
            location_id=shift.location_id,
            weekday=shift.weekday,
            day=shift.day,
            starts=f"{shift.starts:%H:%M}",
            ends=f"{shift.ends:%H:%M}",
            from_on=shift.from_on,
            until_on=shift.until_on,
        )


class EndIn(BaseModel):
    """Up to which day a weekly shift goes on."""

    model_config = ConfigDict(extra="forbid")

    until_on: Day = Field(examples=["2027-05-31"])


class AbsenceIn(BaseModel):
    """Not there on a day; without times, all day."""

    model_config = ConfigDict(extra="forbid")

    day: Day = Field(examples=["2026-12-24"])
    starts: TimeOfDay | None = Field(default=None, examples=["13:00"])
    ends: TimeOfDay | None = Field(default=None, examples=["17:30"])


class AbsenceOut(BaseModel):
    id: UUID
    practitioner_id: UUID
    day: date
    starts: str | None
    ends: str | None

    @classmethod
    def of(cls, absence: Absence) -> Self:
        return cls(
            id=absence.id,
            practitioner_id=absence.practitioner_id,
            day=absence.day,
            starts=f"{absence.starts:%H:%M}" if absence.starts else None,
            ends=f"{absence.ends:%H:%M}" if absence.ends else None,
        )


class CertifyIn(BaseModel):
    """A way of needling, where, and up to which day."""

    model_config = ConfigDict(extra="forbid")

    location_id: UUID = Field(examples=[EXAMPLE_ID])
    modality: Modality
    valid_until: Day = Field(examples=["2027-12-31"])


class CredentialOut(BaseModel):
    location_id: UUID
    modality: Modality
    valid_until: date


class WorkingOut(PractitionerOut):
    """Somebody who treats, with what is planned of them."""

    shifts: list[ShiftKept]
    absences: list[AbsenceOut]
    credentials: list[CredentialOut]

    @classmethod
    def of(cls, found: queries.Working) -> Self:
        return cls(
            id=found.practitioner.id,
            name=found.practitioner.name,
            initials=found.practitioner.initials,
            credential=found.practitioner.credential,
            location_ids=found.location_ids,
            shifts=[ShiftKept.of(each) for each in found.shifts],
            absences=[AbsenceOut.of(each) for each in found.absences],
            credentials=[CredentialOut.model_validate(each, from_attributes=True) for each in found.credentials],
        )


@api.post("", status_code=201, responses=refuses(NotFound))
async def add(body: PractitionerIn, command: Commanded, scope: Manager) -> PractitionerOut:
    """Take somebody on."""
    named = {*body.location_ids, *(each for given in body.credentials for each in given.location_ids or ())}
    for location_id in named:
        scope.must_cover(location_id)
    async with command.transaction() as tx:
        await _must_exist(tx, named)
        new = usecases.NewPractitioner(
            name=body.name,
            initials=body.initials,
            credential=body.credential,
            location_ids=body.location_ids,
            credentials=[usecases.NewCredential(**dict(each)) for each in body.credentials],
        )
        practitioner = await usecases.add_practitioner(tx, new, at=command.context.clock.now())
        out = PractitionerOut(
            id=practitioner.id,
            name=practitioner.name,
            initials=practitioner.initials,
            credential=practitioner.credential,
            location_ids=sorted(set(body.location_ids)),
        )
        return command.answer(out, status=201)


@api.get("/{practitioner_id}", responses=refuses(NotFound))
async def look(practitioner_id: UUID, db: Db, clock: Now, scope: Manager) -> WorkingOut:
    """One who treats, with shifts, absences and credentials at the locations you manage, from yesterday on."""
    async with db.reading() as tx:
        await _must_work_in(tx, practitioner_id, scope)
        practitioner = await one(tx, Practitioner, practitioner_id)
        since = clock.now().date() - timedelta(days=1)
        return WorkingOut.of(await queries.working(tx, practitioner, scope, since=since))


@api.put("/{practitioner_id}/credentials", responses=refuses(NotFound))
async def certify(practitioner_id: UUID, body: CertifyIn, command: Commanded, scope: Manager) -> CredentialOut:
    """Tell up to which day somebody may needle in a way at a location."""
    scope.must_cover(body.location_id)
    async with command.transaction() as tx:
        credential = await usecases.certify(tx, practitioner_id, **dict(body))
        return command.answer(CredentialOut.model_validate(credential, from_attributes=True))


@api.post("/{practitioner_id}/shifts/{shift_id}/end", responses=refuses(ShiftNotValid, NotFound))
async def end_shift(
    practitioner_id: UUID, shift_id: UUID, *, body: EndIn, command: Commanded, scope: Manager
) -> ShiftKept:
    """Tell the last day of a weekly shift; visits booked later stay until they are moved."""
    async with command.transaction() as tx:
        shift = await usecases.shift_of(tx, practitioner_id, shift_id)
        scope.must_cover(shift.location_id, kind="shift", id=shift_id)
        usecases.end_shift(shift, until_on=body.until_on)
        return command.answer(ShiftKept.of(shift))


@api.post("/{practitioner_id}/absences/{absence_id}/withdraw", status_code=204, responses=refuses(NotFound))
async def withdraw_absence(practitioner_id: UUID, absence_id: UUID, command: Commanded, scope: Manager) -> None:
    """They are there after all."""
    async with command.transaction() as tx:
        await _must_work_in(tx, practitioner_id, scope)
        await usecases.withdraw_absence(tx, practitioner_id, absence_id)


@api.post("/{practitioner_id}/shifts", status_code=201, responses=refuses(ShiftNotValid, ShiftOverlaps, NotFound))
async def add_shift(practitioner_id: UUID, body: ShiftIn, command: Commanded, scope: Manager) -> ShiftKept:
    """Tell when somebody works at a location; without a shift they can't be booked."""
    scope.must_cover(body.location_id)
    async with command.transaction() as tx:
        await _must_work_in(tx, practitioner_id, scope)
        shift = await usecases.add_shift(tx, practitioner_id, usecases.NewShift(**dict(body)))
        return command.answer(ShiftKept.of(shift), status=201)


@api.post("/{practitioner_id}/absences", status_code=201, responses=refuses(ShiftNotValid, VisitsInTheWay, NotFound))
async def add_absence(practitioner_id: UUID, body: AbsenceIn, command: Commanded, scope: Manager) -> AbsenceOut:
    """Tell when somebody is not there; visits in that time have to be moved first."""
    async with command.transaction() as tx:
        await _must_work_in(tx, practitioner_id, scope)
        absence = await usecases.add_absence(tx, practitioner_id, body.day, starts=body.starts, ends=body.ends)
        return command.answer(AbsenceOut.of(absence), status=201)


async def _must_exist(tx: Tx, location_ids: set[UUID]) -> None:
    known = set(await tx.scalars(select(Location.id).where(Location.id.in_(location_ids))))
    for unknown in location_ids - known:
        raise NotFound(kind="location", id=str(unknown))


async def _must_work_in(tx: Tx, practitioner_id: UUID, scope: Scope) -> None:
    mine = select(Workplace).where(Workplace.practitioner_id == practitioner_id, scope.within(Workplace.location_id))
    if (await tx.scalars(mine.limit(1))).first() is None:
        raise NotFound(kind="practitioner", id=str(practitioner_id))
