"""Reads of messages: for the moment of sending, and for screens."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select, tuple_

from chassis.db import Tx
from services.notifications.messages.model import Message, State
from services.notifications.recalls.model import Recall, RecallState
from services.notifications.visits.model import Place, Visit
from services.notifications.visits.queries import has_later_visit

Situation = Row[Message, Visit, Place, bool, bool]
"""A message, its visit and place, whether its recall is due, and whether the patient has booked again."""


async def with_circumstances(tx: Tx, ids: Sequence[UUID]) -> Sequence[Situation]:
    """What decides about these messages now; those that are no longer waiting are left out."""
    rows = await tx.execute(
        select(
            Message,
            Visit,
            Place,
            func.coalesce(Recall.state == RecallState.DUE, False).label("recall_due"),
            has_later_visit().label("booked_again"),
        )
        .join(Visit, Visit.id == Message.appointment_id)
        .join(Place, Place.id == Message.location_id)
        .outerjoin(Recall, Recall.id == Message.recall_id)
        .where(Message.id.in_(ids), Message.state == State.SCHEDULED)
        .order_by(Message.send_at, Message.id)
    )
    return rows.all()


async def claimed_lately(tx: Tx, patient_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, list[datetime]]:
    """When these patients were written to during the last two days: enough for any patient's own calendar day."""
    rows = await tx.execute(
        select(Message.patient_id, Message.claimed_at).where(
            Message.patient_id.in_(set(patient_ids)), Message.claimed_at > now - timedelta(days=2)
        )
    )
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for patient_id, claimed_at in rows:
        if claimed_at is not None:
            found[patient_id].append(claimed_at)
    return found


async def by_time(
    tx: Tx, *conditions: ColumnElement[bool], after: tuple[datetime, UUID] | None, limit: int, latest_first: bool
) -> Sequence[Message]:
    """Messages that meet these conditions, by the time at which they go out."""
    columns = (Message.send_at, Message.id)
    order = [column.desc() if latest_first else column.asc() for column in columns]
    chosen = select(Message).where(*conditions).order_by(*order).limit(limit)
    if after is not None:
        chosen = chosen.where(tuple_(*columns) < after if latest_first else tuple_(*columns) > after)
    return (await tx.scalars(chosen)).all()
