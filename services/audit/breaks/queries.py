"""Reads of breaks for screens."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Date, ScalarSelect, cast, func, select

from chassis.db import Tx
from contracts.billing import PriceChanged
from services.audit.breaks.model import Watch
from services.audit.timeline.model import Event


async def oldest(tx: Tx, *conditions: ColumnElement[bool], limit: int) -> Sequence[tuple[Watch, dict[str, Any] | None]]:
    """Breaks that meet these conditions with the list price of what was done, the longest open first."""
    rows = await tx.execute(
        select(Watch, _list_price())
        .where(Watch.broken_at.is_not(None), *conditions)
        .order_by(Watch.healed_at.is_not(None), Watch.completed_at, Watch.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


async def count_open(tx: Tx) -> int:
    """How many completed sessions lack something now."""
    broken = select(func.count()).where(Watch.broken_at.is_not(None), Watch.healed_at.is_(None))
    return await tx.scalar(broken) or 0


def _list_price() -> ScalarSelect[Any]:
    """From billing's own facts: what a session like this cost at its location on its day."""
    effective_on = Event.details["effective_on"].astext
    return (
        select(Event.details["price"])
        .where(
            Event.type == PriceChanged.type,
            Event.location_id == Watch.location_id,
            Event.details["treatment"].astext == Watch.treatment,
            cast(effective_on, Date) <= cast(Watch.completed_at, Date),
        )
        .order_by(effective_on.desc(), Event.position.desc())
        .limit(1)
        .scalar_subquery()
    )
