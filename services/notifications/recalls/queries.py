"""Reads of recalls for screens."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from chassis.db import Tx
from services.notifications.recalls.model import Recall
from services.notifications.visits.model import Visit


async def by_due_day(
    tx: Tx, *conditions: ColumnElement[bool], after: tuple[date, UUID] | None, limit: int, latest_first: bool
) -> Sequence[tuple[Recall, str]]:
    """Recalls that meet these conditions by the day they are due, each with the treatment that it repeats."""
    columns = (Recall.due_on, Recall.id)
    order = [column.desc() if latest_first else column.asc() for column in columns]
    chosen = select(Recall, Visit.treatment).join(Visit, Visit.id == Recall.appointment_id)
    chosen = chosen.where(*conditions).order_by(*order).limit(limit)
    if after is not None:
        chosen = chosen.where(tuple_(*columns) < after if latest_first else tuple_(*columns) > after)
    return [(recall, treatment) for recall, treatment in await tx.execute(chosen)]
