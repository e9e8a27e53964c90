"""Recording what booking tells of appointments; the newest version wins, a completion is never forgotten."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Executable, and_, case, func, or_, select

from chassis.db import Tx
from chassis.many import Many
from contracts.booking import AppointmentFact, SessionCompleted
from services.billing.visits.model import Visit

_STATE = ("patient_id", "location_id", "legal_entity_id", "treatment", "status", "starts_at", "zone")
_COMPLETION = ("completed_at", "performed_on")
_TOLD = Many(Visit, "id", "version", *_STATE, *_COMPLETION)


def _recording() -> Executable:
    """The newest version wins; a completion is kept, whatever version it came with."""
    statement = _TOLD.insert()
    new, old = statement.excluded, _TOLD.table.c
    is_newer = new.version > old.version
    is_first_completion = and_(new.performed_on.is_not(None), old.performed_on.is_(None))
    changed: dict[str, Any] = {name: case((is_newer, new[name]), else_=old[name]) for name in _STATE}
    changed |= {name: func.coalesce(old[name], new[name]) for name in _COMPLETION}
    changed["version"] = func.greatest(old.version, new.version)
    upsert = statement.on_conflict_do_update(
        index_elements=["id"], set_=changed, where=or_(is_newer, is_first_completion)
    )
    return select(Visit).from_statement(upsert.returning(Visit)).execution_options(populate_existing=True)


_RECORD = _recording()


async def record(tx: Tx, facts: Iterable[Sequence[AppointmentFact]]) -> list[Visit]:
    """Store the facts of each appointment; returns the visits that were not known like this before.

    Told again or told late, a fact changes nothing, with one exception: a completion that arrives after
    something newer is still kept, since the session did take place.
    """
    rows = sorted((_row(told) for told in facts), key=lambda row: row["id"])
    return list(await tx.scalars(_RECORD, _TOLD.of(rows))) if rows else []


def _row(told: Sequence[AppointmentFact]) -> dict[str, Any]:
    newest = max(told, key=lambda fact: fact.version)
    completion = next((fact for fact in told if isinstance(fact, SessionCompleted)), None)
    return {
        "id": newest.appointment_id,
        "version": newest.version,
        **{name: getattr(newest, name) for name in _STATE},
        "completed_at": completion.completed_at if completion else None,
        "performed_on": completion.performed_on if completion else None,
    }
