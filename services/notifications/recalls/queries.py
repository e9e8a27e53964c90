"""Reads of recalls for screens."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from chassis.db import Tx
from services.notifications.recalls.model import Recall


async def most_urgent(
    tx: Tx, *conditions: ColumnElement[bool], after: tuple[date, UUID] | None, limit: int
) -> Sequence[Recall]:
    """Recalls that meet these conditions, by the day they are due."""
    chosen = select(Recall).where(*conditions).order_by(Recall.due_on, Recall.id).limit(limit)
    if after is not None:
        chosen = chosen.where(tuple_(Recall.due_on, Recall.id) > after)
    return (await tx.scalars(chosen)).all()
