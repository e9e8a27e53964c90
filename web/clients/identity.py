"""What identity tells: who someone is and what they may do where."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from contracts.identity import Role
from web.api import Api
from web.clients.shape import Shape

OWNERS_ONLY = frozenset({Role.OWNER, Role.OPERATOR})
"""Roles that only an owner gives and takes."""


class Grant(Shape):
    role: Role
    location_id: UUID | None
    """None: at every location of the chain."""


class Staff(Shape):
    id: UUID
    display_name: str
    email: str
    grants: tuple[Grant, ...]

    def roles_at(self, location_id: UUID) -> frozenset[Role]:
        """What this person may do at a location."""
        return frozenset(grant.role for grant in self.grants if grant.location_id in (None, location_id))

    def may_give(self, role: Role, *, at: UUID | None) -> bool:
        """Whether this person may give a role, or take it, at a location; None stands for all of them."""
        givers = {Role.OWNER} if role in OWNERS_ONLY else {Role.OWNER, Role.MANAGER}
        return any(grant.role in givers and grant.location_id in (None, at) for grant in self.grants)

    def may_everywhere(self, roles: Iterable[Role]) -> bool:
        """Whether one of these roles is theirs for the whole chain, as for what belongs to none of its locations."""
        return any(grant.location_id is None and grant.role in roles for grant in self.grants)

    @property
    def works_everywhere(self) -> bool:
        """Whether a role is theirs at every location, also at those to come."""
        return any(grant.location_id is None for grant in self.grants)

    def may(self, roles: Iterable[Role], *, at: UUID) -> bool:
        """Whether one of these roles is theirs at a location. The services decide; this only hides what is useless."""
        return not self.roles_at(at).isdisjoint(roles)

    @property
    def initials(self) -> str:
        words = self.display_name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


class Opened(Shape):
    session: str
    expires_at: datetime
    staff: Staff


class Refreshed(Shape):
    access_token: str
    expires_in: int
    expires_at: datetime
    staff: Staff


class Colleague(Shape):
    id: UUID
    display_name: str


class _Colleagues(Shape):
    items: tuple[Colleague, ...]


async def everybody(api: Api) -> tuple[Colleague, ...]:
    """Who works at the locations this manager runs."""
    return (await api.get("identity", "/staff", _Colleagues, limit=500)).items
