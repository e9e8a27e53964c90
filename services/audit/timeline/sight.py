"""Who sees which facts (CP-02): by role, each within the locations at which that role was granted."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, true
from sqlalchemy.orm import aliased

from chassis.tokens import Caller
from contracts.booking import SessionCompleted
from contracts.identity import Role
from services.audit.timeline.model import Event

ALL = frozenset({"booking", "billing", "inventory", "notifications", "identity", "audit"})
SEES: Mapping[Role, frozenset[str]] = {
    Role.OWNER: ALL,
    Role.MANAGER: ALL,
    Role.FRONT_DESK: frozenset({"booking", "billing", "inventory", "notifications"}),
    Role.PRACTITIONER: frozenset({"booking", "inventory", "notifications"}),
    Role.FINANCE: frozenset({"booking", "billing"}),
    Role.STOCK_KEEPER: frozenset({"inventory", SessionCompleted.type}),
}
"""Whose facts a role may see: all of a service's, or one kind by its full name."""


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """The condition that leaves a caller what is theirs to see."""
    parts = [
        and_(_kinds(kinds), _within(caller.places(frozenset({role}))))
        for role, kinds in SEES.items()
        if role in caller.grants
    ]
    return or_(false(), *parts)


def _kinds(kinds: frozenset[str]) -> ColumnElement[bool]:
    return or_(func.split_part(Event.type, ".", 1).in_(kinds), Event.type.in_(kinds))


def _within(places: frozenset[UUID] | None) -> ColumnElement[bool]:
    """At these locations; a fact that names none is seen by those who see something of its patient."""
    if places is None:
        return true()
    other = aliased(Event)
    knows_patient = exists().where(other.patient_id == Event.patient_id, other.location_id.in_(places))
    return or_(Event.location_id.in_(places), and_(Event.location_id.is_(None), knows_patient))
