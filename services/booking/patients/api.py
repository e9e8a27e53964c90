"""HTTP door to patients. They visit several locations, so whoever looks after patients may find all of them."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.db import one
from chassis.errors import NotFound
from chassis.examples import EXAMPLE_ID
from chassis.fields import Day, Line, Search, YesNo
from chassis.http import BadCursor, Db, InContext, Page, Paged, refuses, router
from chassis.zones import UnknownZone
from contracts.identity import CLINIC, DESK
from contracts.values import LocationId, PatientId
from services.booking.patients import queries, usecases
from services.booking.patients.model import (
    BirthDateNotValid,
    DetailsChanged,
    Patient,
    PerhapsKnown,
    PhoneNotValid,
)
from services.booking.settings import BookingSettings
from services.booking.words import SEES_PATIENTS, Language, Version

api = router("/patients", tag="patients")
Desk = Annotated[Scope, require(*DESK)]
Reader = Annotated[Scope, SEES_PATIENTS]
Till = Annotated[Scope, require(services=("billing",))]
Messenger = Annotated[Scope, require(services=("notifications",))]
Wanted = Annotated[
    Search | None,
    Query(
        description="Beginnings of names, an e-mail address, or part of a phone number.",
        examples=["hol mar"],
    ),
]
Sort = Literal["name", "-name"]
Ids = Annotated[
    list[UUID] | None,
    Query(alias="id", max_length=200, description="Only these patients; the search is then left aside."),
]


class PatientIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    given_name: Line = Field(examples=["Mary"])
    family_name: Line = Field(examples=["Holt"])
    birth_date: Day = Field(examples=["1988-04-17"])
    email: EmailStr | None = Field(default=None, examples=["mary.holt@example.com"])
    phone: Line | None = Field(default=None, examples=["+1 212 555 0142"])
    zone: Line | None = Field(default=None, examples=["America/New_York"], description="Null: of the home location.")
    language: Language = "en"
    accepts_email: YesNo = True
    home_location_id: UUID = Field(examples=[EXAMPLE_ID])
    differs_from: list[UUID] | None = Field(
        default=None,
        max_length=50,
        examples=[None],
        description="Patients who are alike, and somebody else. When any other is alike, that is told instead of "
        "registering; null registers without comparing.",
    )


class DetailsIn(BaseModel):
    """All that is known of a patient, as it shall be from now on."""

    model_config = ConfigDict(extra="forbid")

    given_name: Line = Field(examples=["Mary"])
    family_name: Line = Field(examples=["Holt"])
    birth_date: Day | None = Field(examples=["1988-04-17"], description="Null only where it was never known.")
    email: EmailStr | None = Field(examples=["mary.holt@example.com"])
    phone: Line | None = Field(examples=["+1 212 555 0142"])
    zone: Line | None = Field(default=None, examples=["America/New_York"], description="Null: as it is.")
    language: Language
    accepts_email: YesNo = Field(examples=[True], description="Never guessed: who said no is not asked again by us.")
    home_location_id: UUID = Field(
        examples=[EXAMPLE_ID], description="Another one than before has to be a location you work at."
    )
    version: Version = Field(description="The one that was looked at.", examples=[1])


class PatientOut(BaseModel):
    id: UUID
    given_name: str
    family_name: str
    birth_date: date | None
    """Null for those who keep the books: they need no more than a name."""
    email: str | None
    phone: str | None
    zone: str
    language: str
    accepts_email: bool
    home_location_id: UUID
    version: int

    @classmethod
    def of(cls, patient: Patient, scope: Scope) -> Self:
        """As much of a patient as the caller's work needs (CP-02)."""
        out = cls.model_validate(patient, from_attributes=True)
        if not _sees_contact(scope):
            return out.model_copy(update={"birth_date": None, "email": None, "phone": None})
        return out


class RegistrationOut(BaseModel):
    """That somebody is a patient of the chain, and nothing else about them."""

    id: PatientId
    home_location_id: LocationId


class ContactOut(BaseModel):
    """What a message to a patient is written with, fetched at the moment of sending."""

    given_name: str
    email: str | None
    phone: str | None
    zone: str
    language: str
    accepts_email: bool


@api.post("", status_code=201, responses=refuses(PhoneNotValid, BirthDateNotValid, UnknownZone, PerhapsKnown, NotFound))
async def register(body: PatientIn, command: Commanded, context: InContext, scope: Desk) -> PatientOut:
    """Register a patient; with `differs_from` only if nobody else is like them."""
    scope.must_cover(body.home_location_id)
    region = context.settings_as(BookingSettings).phone_region
    async with command.transaction() as tx:
        new = usecases.NewPatient(**dict(body))
        patient = await usecases.register_patient(tx, new, at=context.clock.now(), phone_region=region)
        return command.answer(PatientOut.of(patient, scope), status=201)


@api.get("", responses=refuses(BadCursor))
async def find(
    db: Db, scope: Reader, paging: Paged, *, q: Wanted = None, ids: Ids = None, sort: Sort = "name"
) -> Page[PatientOut]:
    """Patients by the beginning of their names, e-mail address or phone number, in the order of family names.

    By their names alone for those who keep the books: what they may not see can't be searched for either.
    """
    async with db.reading() as tx:
        if ids:
            return Page(items=[PatientOut.of(each, scope) for each in await queries.named(tx, ids)])
        found = await queries.find(
            tx,
            q,
            after=paging.after(str, UUID),
            limit=paging.limit,
            from_z=sort == "-name",
            by_name_only=not _sees_contact(scope),
        )
        keys = {each.id: each.sort_key for each in found}
        return paging.page([PatientOut.of(each, scope) for each in found], lambda each: (keys[each.id], each.id))


@api.get("/{patient_id}", responses=refuses(NotFound))
async def look(patient_id: UUID, db: Db, scope: Reader) -> PatientOut:
    """One patient."""
    async with db.reading() as tx:
        return PatientOut.of(await one(tx, Patient, patient_id), scope)


@api.put("/{patient_id}", responses=refuses(PhoneNotValid, BirthDateNotValid, UnknownZone, DetailsChanged, NotFound))
async def correct(
    patient_id: UUID, body: DetailsIn, *, command: Commanded, context: InContext, scope: Desk
) -> PatientOut:
    """Correct what is known of a patient, for the version that was looked at."""
    region = context.settings_as(BookingSettings).phone_region
    async with command.transaction() as tx:
        patient = await one(tx, Patient, patient_id, lock=True)
        if body.home_location_id != patient.home_location_id:
            scope.must_cover(body.home_location_id)
        to = usecases.NewPatient(**{name: value for name, value in body if name != "version"})
        at = context.clock.now()
        await usecases.correct_patient(tx, patient, to, seen=body.version, at=at, phone_region=region)
        return command.answer(PatientOut.of(patient, scope))


@api.get("/{patient_id}/registration", responses=refuses(NotFound))
async def registration(patient_id: UUID, db: Db, _: Till) -> RegistrationOut:
    """That a patient is known here; for the service that has not heard of them yet."""
    async with db.reading() as tx:
        return RegistrationOut.model_validate(await one(tx, Patient, patient_id), from_attributes=True)


@api.get("/{patient_id}/contact", responses=refuses(NotFound))
async def contact(patient_id: UUID, db: Db, _: Messenger) -> ContactOut:
    """How to reach a patient; for the service that writes the messages, nobody else."""
    async with db.reading() as tx:
        return ContactOut.model_validate(await one(tx, Patient, patient_id), from_attributes=True)


def _sees_contact(scope: Scope) -> bool:
    """Those who keep the books need no more than a name (CP-02)."""
    return not scope.roles.isdisjoint(CLINIC)
