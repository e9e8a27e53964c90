"""Reads of recalls for screens."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from chassis.db import Tx
from services.notifications.recalls.model import Recall


async def by_due_day(
    tx: Tx, *conditions: ColumnElement[bool], after: tuple[date, UUID] | None, limit: int, latest_first: bool
) -> Sequence[Recall]:
    """Recalls that meet these conditions, by the day they are due."""
    columns = (Recall.due_on, Recall.id)
    order = [column.desc() if latest_first else column.asc() for column in columns]
    chosen = select(Recall).where(*conditions).order_by(*order).limit(limit)
    if after is not None:
        chosen = chosen.where(tuple_(*columns) < after if latest_first else tuple_(*columns) > after)
    return (await tx.scalars(chosen)).all()
