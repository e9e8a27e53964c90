"""What may be asked of the record: add to it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from chassis.db import Tx
from contracts.envelope import Envelope, Fact
from services.audit.timeline.chain import BEGINNING, seal
from services.audit.timeline.model import EVENT_LOTS, EVENTS, Event

CHAIN_LOCK = 0x6175_6469_74
"""Advisory lock key: whoever adds to the chain queues here until the other has committed."""
PLACES = ("location_id", "performed_at", "home_location_id")
SUBJECTS = ("patient_id", "appointment_id", "package_id", "invoice_id")


async def record(tx: Tx, heard: Sequence[tuple[Fact, Envelope]]) -> None:
    """Add these facts to the end of the chain, in the order they came; one that is there already is left out."""
    await tx.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
    ids = [envelope.id for _, envelope in heard]
    known = set((await tx.scalars(select(Event.message_id).where(Event.message_id.in_(ids)))).all())
    head = (await tx.execute(select(Event.position, Event.hash).order_by(Event.position.desc()).limit(1))).first()
    position, previous = (head.position, head.hash) if head else (0, BEGINNING)
    now = await tx.scalar(select(func.clock_timestamp()))
    rows: list[dict[str, Any]] = []
    lots: list[dict[str, Any]] = []
    for fact, envelope in heard:
        if envelope.id in known:
            continue
        known.add(envelope.id)
        position += 1
        row = {"position": position, "recorded_at": now, "previous_hash": previous, **_row(fact, envelope)}
        previous = row["hash"] = seal(row, previous)
        rows.append(row)
        lots += ({"lot_id": lot_id, "position": position} for lot_id in lots_of(fact))
    await _insert(tx, rows, lots)


async def _insert(tx: Tx, rows: list[dict[str, Any]], lots: list[dict[str, Any]]) -> None:
    if rows:
        await tx.execute(insert(EVENTS), rows)
    if lots:
        await tx.execute(insert(EVENT_LOTS), lots)


def _row(fact: Fact, envelope: Envelope) -> dict[str, Any]:
    return {
        "message_id": envelope.id,
        "type": fact.type,
        "aggregate": envelope.aggregate,
        "aggregate_id": envelope.aggregateid,
        "version": envelope.aggregateversion,
        "at": fact.at,
        "correlation_id": envelope.correlationid,
        "causation_id": envelope.causationid,
        "actor": envelope.actor,
        "location_id": _first(fact, PLACES),
        **{name: getattr(fact, name, None) for name in SUBJECTS},
        "details": fact.model_dump(mode="json", exclude={"version", "at"}),
    }


def _first(fact: Fact, names: Iterable[str]) -> UUID | None:
    return next((value for name in names if (value := getattr(fact, name, None)) is not None), None)


def lots_of(fact: Fact) -> Iterator[UUID]:
    """Every lot a fact names, each once."""
    lines = (*getattr(fact, "lines", ()), *getattr(fact, "consumption", ()))
    yield from dict.fromkeys(line.lot_id for line in lines if line.lot_id is not None)
