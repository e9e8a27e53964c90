"""Who may pass a door: role and location are declared on the route, and a foreign id does not exist."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import InstrumentedAttribute

from chassis import trail
from chassis.context import Context
from chassis.errors import Forbidden, NotFound, Unauthenticated
from chassis.tokens import Caller, Grants


@dataclass(frozen=True, slots=True)
class Scope:
    """The locations that this caller may touch with the roles the route asks for; None for all of them."""

    caller_id: UUID
    kind: str
    roles: frozenset[str]
    places: frozenset[UUID] | None
    grants: Grants = field(default_factory=dict)

    def holds(self, roles: Iterable[str], *, at: UUID) -> bool:
        """Whether one of these roles was granted for this very location: for a rule finer than a whole route."""
        granted = [self.grants[role] for role in roles if role in self.grants]
        return any(places is None or at in places for places in granted)

    def covers(self, location_id: UUID) -> bool:
        return self.places is None or location_id in self.places

    def must_cover(self, location_id: UUID, *, kind: str = "location", id: UUID | None = None) -> None:  # noqa: A002
        """Raise the same `NotFound` that an id nobody ever used would raise."""
        if not self.covers(location_id):
            raise NotFound(kind=kind, id=str(id or location_id))

    def within(self, column: InstrumentedAttribute[Any] | ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition that keeps a query inside these locations (I17)."""
        return true() if self.places is None else column.in_(self.places)


class Requirement:
    """Roles and services that open a route; read by the generated authorisation test."""

    refuses = (Unauthenticated, Forbidden, NotFound)

    def __init__(self, roles: frozenset[str], services: frozenset[str]) -> None:
        self.roles = roles
        self.services = services

    async def __call__(self, request: Request) -> Scope:
        caller = getattr(request.state, "caller", None) or await authenticate(request)
        request.state.caller = caller  # asked for once: the door asks before it reads, the route for its scope
        trail.act_as(f"{caller.kind}:{caller.id}")
        if caller.kind == "service":
            if caller.name in self.services:
                return Scope(caller.id, caller.kind, frozenset(), None)
            raise Forbidden
        held = self.roles & caller.grants.keys()
        if not held:
            raise Forbidden
        return Scope(caller.id, caller.kind, frozenset(held), caller.places(frozenset(held)), caller.grants)


def require(*roles: str, services: tuple[str, ...] = ()) -> Any:
    """`Annotated[Scope, require(*DESK)]`: one of these roles, or one of these services in its own name."""
    return Depends(Requirement(frozenset(roles), frozenset(services)))


async def authenticate(request: Request) -> Caller:
    """The caller of a request, from its bearer token."""
    context: Context = request.app.state.context
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated
    return await context.keys.verify(token, now=context.clock.now())
