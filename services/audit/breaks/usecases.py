"""What may be asked of watches: follow the facts, open what is overdue, heal what has caught up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import Insert

from chassis.compiled import Statement
from chassis.db import Tx
from chassis.many import Many
from contracts.billing import InvoiceIssued, SessionRedeemed, SessionWaived
from contracts.booking import SessionCompleted
from contracts.envelope import Fact
from contracts.inventory import StockConsumed
from contracts.notifications import AftercareScheduled, RecallScheduled
from services.audit.breaks.model import IS_WHOLE, UNFINISHED, Effect, Watch

log = structlog.get_logger()

EFFECTS: dict[type[Fact], Effect] = {
    SessionRedeemed: Effect.MONEY,
    InvoiceIssued: Effect.MONEY,
    SessionWaived: Effect.MONEY,
    StockConsumed: Effect.STOCK,
    AftercareScheduled: Effect.AFTERCARE,
    RecallScheduled: Effect.RECALL,
}
SESSION = ("patient_id", "location_id", "treatment", "needles", "completed_at", "told_at")
ARRIVALS = tuple(f"{effect}_at" for effect in Effect)
_WATCHES = Many(Watch, "id", *SESSION, *ARRIVALS)


def _merging() -> Insert:
    """What is told first counts, in whatever order it is heard."""
    told, known = _WATCHES.insert(), _WATCHES.table.c
    news: dict[str, Any] = {name: func.coalesce(known[name], told.excluded[name]) for name in SESSION}
    news |= {name: func.least(known[name], told.excluded[name]) for name in ARRIVALS}
    return told.on_conflict_do_update(index_elements=["id"], set_=news)


_MERGE = Statement(_merging())


async def watch(tx: Tx, facts: Iterable[Fact]) -> None:
    """Note which sessions were completed and what has followed; any order comes to the same."""
    rows: dict[UUID, dict[str, Any]] = {}
    for fact in facts:
        if isinstance(fact, SessionCompleted):
            _row(rows, fact.appointment_id).update(_session(fact))
        elif effect := EFFECTS.get(type(fact)):
            row = _row(rows, fact.appointment_id)  # type: ignore[attr-defined]  # each of EFFECTS has one
            row[f"{effect}_at"] = min(row[f"{effect}_at"] or fact.at, fact.at)
    if rows:
        await _MERGE(tx, **_WATCHES.of(rows[id_] for id_ in sorted(rows)))


def _row(rows: dict[UUID, dict[str, Any]], appointment_id: UUID) -> dict[str, Any]:
    return rows.setdefault(appointment_id, {"id": appointment_id, **dict.fromkeys((*SESSION, *ARRIVALS))})


def _session(fact: SessionCompleted) -> dict[str, Any]:
    return {
        "patient_id": fact.patient_id,
        "location_id": fact.location_id,
        "treatment": fact.treatment,
        "needles": fact.modality.needles,
        "completed_at": fact.completed_at,
        "told_at": fact.at,
    }


async def open_overdue(tx: Tx, *, told_before: datetime, now: datetime) -> int:
    """Sessions told before this moment that still miss something become breaks."""
    overdue = (
        select(Watch.id)
        .where(text("broken_at IS NULL AND told_at IS NOT NULL"), text(f"({UNFINISHED})"), Watch.told_at <= told_before)
        .order_by(Watch.id)
        .with_for_update(skip_locked=True)
    )
    opened = await tx.execute(
        update(Watch).where(Watch.id.in_(overdue)).values(broken_at=now).returning(Watch.id, Watch.location_id)
    )
    rows = opened.all()
    for row in rows:
        log.warning("break.opened", appointment_id=str(row.id), location_id=str(row.location_id))
    return len(rows)


async def heal(tx: Tx, *, now: datetime) -> int:
    """A break to which everything has come after all is closed; nobody closes one by hand."""
    caught_up = (
        select(Watch.id)
        .where(Watch.broken_at.is_not(None), Watch.healed_at.is_(None), IS_WHOLE)
        .order_by(Watch.id)
        .with_for_update(skip_locked=True)
    )
    healed = await tx.execute(update(Watch).where(Watch.id.in_(caught_up)).values(healed_at=now).returning(Watch.id))
    ids = healed.scalars().all()
    for id_ in ids:
        log.info("break.healed", appointment_id=str(id_))
    return len(ids)
