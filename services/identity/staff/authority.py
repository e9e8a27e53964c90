"""Who may give and take which role: what someone holds decides what they may hand on."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from chassis.errors import Forbidden
from contracts.identity import Role
from contracts.values import LocationId

Held = tuple[Role, LocationId | None]
"""A role and where; None for every location of the chain."""
Places = frozenset[LocationId] | None
"""None: everywhere."""

OWNERS_ONLY = frozenset({Role.OWNER, Role.OPERATOR})
"""Roles that a manager can neither give nor take."""


class BeyondYourRole(Forbidden):
    """Managers give and take roles at their own locations, never those of owners and operators. Ask an owner."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What one person may do to the roles and accounts of others."""

    holder_id: UUID | None
    owns: Places
    manages: Places

    @classmethod
    def of(cls, holder_id: UUID, held: Iterable[Held]) -> "Authority":
        """An owner manages what they own."""
        roles = list(held)
        owns = _places(location for role, location in roles if role is Role.OWNER)
        manages = _places(location for role, location in roles if role in (Role.OWNER, Role.MANAGER))
        return cls(holder_id, owns, manages)

    @property
    def is_empty(self) -> bool:
        return self.manages == frozenset()

    def covers(self, location_id: LocationId | None) -> bool:
        """Whether what belongs to this location, or to all of them, may be looked at."""
        return location_id is None or self.manages is None or location_id in self.manages

    def may_give(self, role: Role, location_id: LocationId | None) -> bool:
        reach = self.owns if role in OWNERS_ONLY else self.manages
        return reach is None or location_id in reach

    def must_give(self, role: Role, location_id: LocationId | None) -> None:
        if not self.may_give(role, location_id):
            raise BeyondYourRole

    def sees(self, held: Iterable[Held], *, enrolled_by: UUID | None) -> bool:
        """Those who work at my locations; and those I enrolled myself, until they work somewhere."""
        roles = list(held)
        if self.manages is None or any(self.covers(location) for _, location in roles):
            return not self.is_empty
        return not roles and enrolled_by is not None and enrolled_by == self.holder_id

    def must_alter(self, held: Iterable[Held]) -> None:
        """An account is altered only by someone who could have given every role it holds."""
        for role, location_id in held:
            self.must_give(role, location_id)


THE_HOUSE = Authority(holder_id=None, owns=None, manages=None)
"""The installation itself: its first owner, its demo chain."""


def _places(locations: Iterable[LocationId | None]) -> Places:
    found = set(locations)
    return None if None in found else frozenset(place for place in found if place is not None)
