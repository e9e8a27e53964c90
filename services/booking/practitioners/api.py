"""HTTP door to the people who treat: their places, credentials, shifts and absences."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.db import Tx
from chassis.errors import NotFound
from chassis.fields import AsNumber, Day, Line
from chassis.http import refuses, router
from contracts.identity import MANAGEMENT
from contracts.values import Modality
from services.booking.places.model import Location
from services.booking.practitioners import usecases
from services.booking.practitioners.model import ShiftNotValid, VisitsInTheWay, Workplace
from services.booking.words import EXAMPLE_ID, TimeOfDay

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


@api.post("/{practitioner_id}/shifts", status_code=201, responses=refuses(ShiftNotValid, NotFound))
async def add_shift(practitioner_id: UUID, body: ShiftIn, command: Commanded, scope: Manager) -> ShiftKept:
    """Tell when somebody works at a location; without a shift they can't be booked."""
    scope.must_cover(body.location_id)
    async with command.transaction() as tx:
        shift = await usecases.add_shift(tx, practitioner_id, usecases.NewShift(**dict(body)))
        out = ShiftKept(
            id=shift.id,
            practitioner_id=practitioner_id,
            location_id=shift.location_id,
            weekday=shift.weekday,
            day=shift.day,
            starts=body.starts,
            ends=body.ends,
        )
        return command.answer(out, status=201)


@api.post("/{practitioner_id}/absences", status_code=201, responses=refuses(ShiftNotValid, VisitsInTheWay, NotFound))
async def add_absence(practitioner_id: UUID, body: AbsenceIn, command: Commanded, scope: Manager) -> AbsenceOut:
    """Tell when somebody is not there; visits in that time have to be moved first."""
    async with command.transaction() as tx:
        await _must_work_in(tx, practitioner_id, scope)
        absence = await usecases.add_absence(tx, practitioner_id, body.day, starts=body.starts, ends=body.ends)
        out = AbsenceOut(
            id=absence.id, practitioner_id=practitioner_id, day=absence.day, starts=body.starts, ends=body.ends
        )
        return command.answer(out, status=201)


async def _must_exist(tx: Tx, location_ids: set[UUID]) -> None:
    known = set(await tx.scalars(select(Location.id).where(Location.id.in_(location_ids))))
    for unknown in location_ids - known:
        raise NotFound(kind="location", id=str(unknown))


async def _must_work_in(tx: Tx, practitioner_id: UUID, scope: Scope) -> None:
    mine = select(Workplace).where(Workplace.practitioner_id == practitioner_id, scope.within(Workplace.location_id))
    if (await tx.scalars(mine.limit(1))).first() is None:
        raise NotFound(kind="practitioner", id=str(practitioner_id))
