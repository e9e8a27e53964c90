"""The door to staff: who works here, and what each may do."""

from typing import Annotated
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from chassis import text
from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.errors import NotFound
from chassis.fields import ANY_TEXT, Words
from chassis.http import BadCursor, Db, Page, Paged, refuses, router
from contracts.identity import CLINICAL, EVERYBODY, MANAGEMENT, Role
from contracts.values import LocationId
from services.identity.attempts.model import TooManySignIns
from services.identity.doors import InPasswords, InVault
from services.identity.sign_in import PASSWORD_LENGTH_MAX, AtGate, WrongCredentials
from services.identity.staff import queries, usecases
from services.identity.staff.authority import BeyondYourRole
from services.identity.staff.model import (
    AlreadyActive,
    AlreadyGranted,
    AlreadyRevoked,
    EmailTaken,
    Grant,
    LastOwner,
    NotActive,
    YourOwnPassword,
)
from services.identity.staff.passwords import PasswordUnfit
from services.identity.staff.queries import Person

api = router("/staff", tag="staff")
me = router("/me", tag="me")
Management = Annotated[Scope, require(*MANAGEMENT)]
Everybody = Annotated[Scope, require(*EVERYBODY)]
Clinical = Annotated[Scope, require(*CLINICAL)]


def _email(value: str) -> str:
    """An address one could write to, in small letters; whether somebody reads it there is not asked."""
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError("an e-mail address looks like name@clinic.example") from error


Email = Annotated[
    str,
    Field(max_length=254, examples=["ada@needlepoint.example"], json_schema_extra={"format": "email"}),
    AfterValidator(_email),
]
Name = Annotated[str, Words(text.one_line, most=100)]
NewPassword = Annotated[
    SecretStr,
    Field(
        min_length=1,
        max_length=PASSWORD_LENGTH_MAX,
        description="12 to 128 characters, at least five of them different, without the e-mail address.",
        examples=["correct horse battery staple"],
        json_schema_extra=ANY_TEXT,
    ),
]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StaffIn(Request):
    """Somebody who begins to work here."""

    email: Email
    display_name: Name = Field(examples=["Ada Sharpe"])
    password: NewPassword


class GrantIn(Request):
    """A role, and where; without a location it holds at all of them."""

    role: Role
    location_id: LocationId | None = None


class PasswordIn(Request):
    """A new password for somebody who forgot theirs."""

    password: NewPassword


class OwnPasswordIn(Request):
    """The password I have, and the one I want."""

    current_password: SecretStr = Field(
        min_length=1, max_length=PASSWORD_LENGTH_MAX, examples=["correct horse battery"], json_schema_extra=ANY_TEXT
    )
    new_password: NewPassword


class GrantOut(BaseModel):
    """A role that somebody holds at a location; null for every location of the chain."""

    id: UUID
    role: Role
    location_id: UUID | None

    @classmethod
    def of(cls, grant: Grant) -> "GrantOut":
        return cls(id=grant.id, role=grant.role, location_id=grant.location_id)


class StaffOut(BaseModel):
    """A member of staff."""

    id: UUID
    display_name: str
    email: str
    active: bool
    grants: list[GrantOut]

    @classmethod
    def of(cls, person: Person) -> "StaffOut":
        return cls(
            id=person.staff.id,
            display_name=person.staff.display_name,
            email=person.staff.email,
            active=person.staff.active,
            grants=[GrantOut.of(grant) for grant in person.grants],
        )


class NameOut(BaseModel):
    id: UUID
    display_name: str


@me.get("", responses=refuses(NotFound))
async def look_at_myself(db: Db, scope: Everybody) -> StaffOut:
    """Who I am, and what I may do where."""
    async with db.reading() as tx:
        return StaffOut.of(await queries.person(tx, scope.caller_id))


@me.post("/password", status_code=204, responses=refuses(WrongCredentials, PasswordUnfit, TooManySignIns))
async def change_my_password(
    asked: OwnPasswordIn, gate: AtGate, command: Commanded, *, passwords: InPasswords, vault: InVault, scope: Everybody
) -> None:
    """Change my password; every session of mine ends, also the one this is asked from."""
    await command.must_be_new(hash_key=vault.hash_key)
    async with gate.db.reading() as tx:
        email = (await queries.person(tx, scope.caller_id)).staff.email
    proof = await gate.prove(email, asked.current_password)
    password_hash = await passwords.hash(asked.new_password.get_secret_value(), email=email)
    async with command.transaction(hash_key=vault.hash_key) as tx:
        person = await proof.person(tx)
        await usecases.change_own_password(tx, person.staff.id, password_hash, at=command.context.clock.now())


@api.get("", responses=refuses(BadCursor))
async def list_staff(db: Db, paging: Paged, scope: Management) -> Page[StaffOut]:
    """Who works at the locations I manage, by name."""
    async with db.reading() as tx:
        by = await queries.authority(tx, scope.caller_id)
        found = await queries.page(tx, by=by, after=paging.after(str, UUID), limit=paging.limit + 1)
    shown = [StaffOut.of(person.seen_by(by)) for person in found]
    return paging.page(shown, lambda last: [last.display_name, last.id])


@api.get("/{staff_id}/name", responses=refuses(NotFound))
async def name_one(staff_id: UUID, db: Db, scope: Clinical) -> NameOut:
    """What somebody is called who works, or once worked, where I treat: whoever signs a record stays known by name."""
    async with db.reading() as tx:
        staff = await queries.who_has_worked(tx, staff_id, at=scope)
        return NameOut(id=staff.id, display_name=staff.display_name)


@api.post("", status_code=201, responses=refuses(EmailTaken, PasswordUnfit, BeyondYourRole))
async def enrol(
    asked: StaffIn, command: Commanded, *, passwords: InPasswords, vault: InVault, scope: Management
) -> StaffOut:
    """Somebody begins to work here; give them roles next."""
    password_hash = await passwords.hash(asked.password.get_secret_value(), email=asked.email)
    async with command.transaction(hash_key=vault.hash_key) as tx:
        staff = await usecases.enrol(
            tx,
            email=asked.email,
            display_name=asked.display_name,
            password_hash=password_hash,
            at=command.context.clock.now(),
            by=await queries.authority(tx, scope.caller_id),
        )
        return command.answer(StaffOut.of(Person(staff, ())), status=201)


@api.get("/{staff_id}", responses=refuses(NotFound))
async def look(staff_id: UUID, db: Db, scope: Management) -> StaffOut:
    """One of those who work at the locations I manage, with the roles they hold there."""
    async with db.reading() as tx:
        by = await queries.authority(tx, scope.caller_id)
        return StaffOut.of((await queries.visible_person(tx, staff_id, by=by)).seen_by(by))


@api.post("/{staff_id}/grants", status_code=201, responses=refuses(AlreadyGranted, NotActive, BeyondYourRole))
async def grant(staff_id: UUID, asked: GrantIn, command: Commanded, scope: Management) -> GrantOut:
    """Give somebody a role at a location, or at all of them."""
    async with command.transaction() as tx:
        by = await queries.authority(tx, scope.caller_id)
        given = await usecases.grant(tx, staff_id, asked.role, asked.location_id, at=command.context.clock.now(), by=by)
        return command.answer(GrantOut.of(given), status=201)


@api.post(
    "/{staff_id}/grants/{grant_id}/revoke",
    status_code=204,
    responses=refuses(AlreadyRevoked, LastOwner, BeyondYourRole),
)
async def revoke(staff_id: UUID, grant_id: UUID, command: Commanded, scope: Management) -> None:
    """Take a role away; access tokens that hold it expire within five minutes."""
    async with command.transaction() as tx:
        by = await queries.authority(tx, scope.caller_id)
        await usecases.revoke(tx, staff_id, grant_id, at=command.context.clock.now(), by=by)


@api.post("/{staff_id}/disable", responses=refuses(NotActive, LastOwner, BeyondYourRole))
async def disable(staff_id: UUID, command: Commanded, scope: Management) -> StaffOut:
    """Somebody no longer works here; their sessions end at once."""
    async with command.transaction() as tx:
        by = await queries.authority(tx, scope.caller_id)
        person = await usecases.disable(tx, staff_id, at=command.context.clock.now(), by=by)
        return command.answer(StaffOut.of(person.seen_by(by)))


@api.post("/{staff_id}/enable", responses=refuses(AlreadyActive, BeyondYourRole))
async def enable(staff_id: UUID, command: Commanded, scope: Management) -> StaffOut:
    """Somebody works here again, with the roles they had."""
    async with command.transaction() as tx:
        by = await queries.authority(tx, scope.caller_id)
        person = await usecases.enable(tx, staff_id, at=command.context.clock.now(), by=by)
        return command.answer(StaffOut.of(person.seen_by(by)))


@api.post("/{staff_id}/password", status_code=204, responses=refuses(PasswordUnfit, YourOwnPassword, BeyondYourRole))
async def set_password(
    staff_id: UUID, asked: PasswordIn, command: Commanded, *, passwords: InPasswords, vault: InVault, scope: Management
) -> None:
    """Give somebody a new password because they forgot theirs; their sessions end at once."""
    async with command.context.db.reading() as tx:
        by = await queries.authority(tx, scope.caller_id)
        email = (await queries.visible_person(tx, staff_id, by=by)).staff.email
    password_hash = await passwords.hash(asked.password.get_secret_value(), email=email)
    async with command.transaction(hash_key=vault.hash_key) as tx:
        by = await queries.authority(tx, scope.caller_id)
        await usecases.set_password(tx, staff_id, password_hash, at=command.context.clock.now(), by=by)
