"""What may be done with staff and their roles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from chassis.clock import new_id
from chassis.db import Tx, violated
from chassis.errors import NotFound
from chassis.outbox import emit
from contracts.identity import Role, StaffChanged
from contracts.values import GrantId, LocationId, StaffId
from services.identity.staff import queries
from services.identity.staff.authority import THE_HOUSE, Authority, BeyondYourRole
from services.identity.staff.model import (
    AlreadyGranted,
    AlreadySetUp,
    EmailTaken,
    Grant,
    LastOwner,
    NotActive,
    Staff,
    YourOwnPassword,
)
from services.identity.staff.queries import Person
from services.identity.turns import take_turn

OWNERS = "owners of the chain"


async def enrol(
    tx: Tx, *, email: str, display_name: str, password_hash: str, at: datetime, by: Authority = THE_HOUSE
) -> Staff:
    """Somebody begins to work here, without any role yet."""
    if by.is_empty:
        raise BeyondYourRole
    staff = Staff(
        id=StaffId(new_id()),
        email=email.strip().lower(),
        display_name=display_name.strip(),
        password_hash=password_hash,
        credential_version=1,
        active=True,
        enrolled_by=by.holder_id,
        enrolled_at=at,
        version=1,
    )
    tx.add(staff)
    try:
        await tx.flush()
    except IntegrityError as error:
        if violated(error) == "uq_staff_email":
            raise EmailTaken from error
        raise
    emit(tx, StaffChanged(staff_id=staff.id, active=True, version=1, at=at))
    return staff


async def first_owner(tx: Tx, *, email: str, display_name: str, password_hash: str, at: datetime) -> Staff:
    """The owner of a fresh installation, exactly once: `AlreadySetUp` as soon as anybody works here."""
    await take_turn(tx, OWNERS)
    if await tx.scalar(select(Staff.id).limit(1)) is not None:
        raise AlreadySetUp
    owner = await enrol(tx, email=email, display_name=display_name, password_hash=password_hash, at=at)
    await grant(tx, owner.id, Role.OWNER, None, at=at)
    return owner


async def grant(
    tx: Tx, staff_id: UUID, role: Role, location_id: LocationId | None, *, at: datetime, by: Authority = THE_HOUSE
) -> Grant:
    """Give a role at one location, or at all of them."""
    _must_know(by, location_id)
    person = await queries.visible_person(tx, staff_id, by=by, lock=True)
    by.must_give(role, location_id)
    if not person.staff.active:
        raise NotActive(id=str(staff_id))
    if (role, location_id) in person.held:
        raise AlreadyGranted(role=role, location_id=str(location_id) if location_id else None)
    given = Grant(
        id=GrantId(new_id()),
        staff_id=person.staff.id,
        role=role,
        location_id=location_id,
        granted_at=at,
        granted_by=by.holder_id,
        revoked_at=None,
        version=1,
    )
    tx.add(given)
    emit(tx, given.told(at=at))
    return given


async def revoke(tx: Tx, staff_id: UUID, grant_id: UUID, *, at: datetime, by: Authority = THE_HOUSE) -> None:
    """Take a role away; it is gone for good when the last access token that holds it has expired."""
    person = await queries.visible_person(tx, staff_id, by=by, lock=True)
    taken = await tx.get(Grant, grant_id, populate_existing=True)
    if taken is None or taken.staff_id != person.staff.id or not by.covers(taken.location_id):
        raise NotFound(kind="grant", id=str(grant_id))
    by.must_give(taken.role, taken.location_id)
    if taken.is_chain_owner and taken.revoked_at is None:
        await _keep_an_owner(tx, person.staff.id)
    emit(tx, taken.revoke(at=at))


async def disable(tx: Tx, staff_id: UUID, *, at: datetime, by: Authority = THE_HOUSE) -> Person:
    """Somebody no longer works here: their sessions end now, their access tokens within minutes."""
    person = await _to_alter(tx, staff_id, by=by)
    if person.staff.active and any(each.is_chain_owner for each in person.grants):
        await _keep_an_owner(tx, person.staff.id)
    emit(tx, person.staff.disable(at=at))
    return person


async def enable(tx: Tx, staff_id: UUID, *, at: datetime, by: Authority = THE_HOUSE) -> Person:
    """Somebody works here again."""
    person = await _to_alter(tx, staff_id, by=by)
    emit(tx, person.staff.enable(at=at))
    return person


async def set_password(tx: Tx, staff_id: UUID, password_hash: str, *, at: datetime, by: Authority = THE_HOUSE) -> None:
    """Give somebody a new password, because they forgot theirs; all their sessions end."""
    if staff_id == by.holder_id:
        raise YourOwnPassword
    person = await _to_alter(tx, staff_id, by=by)
    emit(tx, person.staff.change_password(password_hash, at=at))


async def change_own_password(tx: Tx, staff_id: UUID, password_hash: str, *, at: datetime) -> None:
    """Change one's own password, after the old one was proved; all sessions end."""
    person = await queries.person(tx, staff_id, lock=True)
    emit(tx, person.staff.change_password(password_hash, at=at))


async def _to_alter(tx: Tx, staff_id: UUID, *, by: Authority) -> Person:
    person = await queries.visible_person(tx, staff_id, by=by, lock=True)
    by.must_alter(person.held)
    return person


async def _keep_an_owner(tx: Tx, leaving: StaffId) -> None:
    await take_turn(tx, OWNERS)
    if not await queries.other_chain_owner_exists(tx, leaving):
        raise LastOwner


def _must_know(by: Authority, location_id: LocationId | None) -> None:
    """A location that is not theirs does not exist for them."""
    if not by.covers(location_id):
        raise NotFound(kind="location", id=str(location_id))
