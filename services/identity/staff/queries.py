"""Who works here, with the roles they hold now."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, true, tuple_

from chassis.auth import Scope
from chassis.db import Tx, one
from chassis.errors import NotFound
from contracts.identity import Role
from contracts.values import LocationId, StaffId
from services.identity.staff.authority import Authority, Held
from services.identity.staff.model import Grant, Staff


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff and the roles they hold."""

    staff: Staff
    grants: tuple[Grant, ...]

    @property
    def held(self) -> list[Held]:
        return [(grant.role, grant.location_id) for grant in self.grants]

    @property
    def places(self) -> dict[str, frozenset[UUID] | None]:
        """The grants of an access token: role → locations, None for all of them."""
        found: dict[Role, set[LocationId | None]] = defaultdict(set)
        for role, location_id in self.held:
            found[role].add(location_id)
        return {
            role.value: None if None in at else frozenset(place for place in at if place is not None)
            for role, at in found.items()
        }

    def seen_by(self, authority: Authority) -> "Person":
        """The same person, with the roles that this authority may know of (I17)."""
        return Person(self.staff, tuple(each for each in self.grants if authority.covers(each.location_id)))


async def person(tx: Tx, staff_id: UUID, *, lock: bool = False) -> Person:
    """One person; `lock` holds them against other changes of their account and roles."""
    staff = await one(tx, Staff, staff_id, lock=lock)
    return (await with_grants(tx, [staff]))[0]


async def visible_person(tx: Tx, staff_id: UUID, *, by: Authority, lock: bool = False) -> Person:
    """One person, if this authority may see them; else the same `NotFound` that an unused id gives."""
    found = await person(tx, staff_id, lock=lock)
    if not by.sees(found.held, enrolled_by=found.staff.enrolled_by):
        raise NotFound(kind="staff", id=str(staff_id))
    return found


async def who_has_worked(tx: Tx, staff_id: UUID, *, at: Scope) -> Staff:
    """Somebody who holds or held a role at one of these locations; else the `NotFound` that an unused id gives."""
    place = or_(Grant.location_id.is_(None), at.within(Grant.location_id))
    found = await tx.scalar(
        select(Staff).where(Staff.id == staff_id, exists().where(Grant.staff_id == Staff.id, place))
    )
    if found is None:
        raise NotFound(kind="staff", id=str(staff_id))
    return found


async def with_email(tx: Tx, email: str) -> Staff | None:
    found: Staff | None = await tx.scalar(select(Staff).where(Staff.email == email.strip().lower()))
    return found


async def authority(tx: Tx, caller_id: UUID) -> Authority:
    """What the caller may do to others by the roles they hold at this moment, not when their token was made."""
    held = await tx.execute(
        select(Grant.role, Grant.location_id)
        .join(Staff)
        .where(Grant.staff_id == caller_id, Grant.revoked_at.is_(None), Staff.active)
    )
    return Authority.of(caller_id, [(role, location_id) for role, location_id in held])


async def page(tx: Tx, *, by: Authority, after: tuple[str, UUID] | None, limit: int) -> list[Person]:
    """Those whom this authority may see, by name."""
    if by.is_empty:
        return []
    wanted = select(Staff).where(_seen(by)).order_by(Staff.display_name, Staff.id).limit(limit)
    if after is not None:
        wanted = wanted.where(tuple_(Staff.display_name, Staff.id) > after)
    return await with_grants(tx, (await tx.scalars(wanted)).all())


async def with_grants(tx: Tx, staff: Sequence[Staff]) -> list[Person]:
    held: dict[UUID, list[Grant]] = defaultdict(list)
    wanted = select(Grant).where(Grant.staff_id.in_([each.id for each in staff]), Grant.revoked_at.is_(None))
    for grant in await tx.scalars(wanted.order_by(Grant.granted_at, Grant.id)):
        held[grant.staff_id].append(grant)
    return [Person(each, tuple(held[each.id])) for each in staff]


async def other_chain_owner_exists(tx: Tx, staff_id: StaffId) -> bool:
    """Whether somebody else could still let people in everywhere."""
    found = await tx.scalar(
        select(Grant.id)
        .join(Staff)
        .where(Grant.role == Role.OWNER, Grant.location_id.is_(None), Grant.revoked_at.is_(None))
        .where(Staff.active, Staff.id != staff_id)
        .limit(1)
    )
    return found is not None


def _seen(by: Authority) -> ColumnElement[bool]:
    """`Authority.sees`, for many at once."""
    if by.manages is None:
        return true()
    mine = and_(Grant.staff_id == Staff.id, Grant.revoked_at.is_(None))
    works_here = exists().where(mine, or_(Grant.location_id.is_(None), Grant.location_id.in_(by.manages)))
    return or_(works_here, and_(Staff.enrolled_by == by.holder_id, ~exists().where(mine)))
