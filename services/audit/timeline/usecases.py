"""What may be asked of the record: add to it."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from chassis.db import Tx
from chassis.many import Many, among
from contracts.envelope import Envelope, Fact
from services.audit.timeline.chain import BEGINNING, seal
from services.audit.timeline.model import EVENT_LOTS, EVENTS, Event

CHAIN_LOCK = 0x6175_6469_74
"""Advisory lock key: whoever adds to the chain queues here until the other has committed."""
PLACES = ("location_id", "performed_at", "home_location_id")
SUBJECTS = ("patient_id", "appointment_id", "package_id", "invoice_id")
LINES = ("lines", "consumption")
ABOUT_THE_ROW = {"version", "at"}
"""They have columns of their own."""

_EVENTS = Many(EVENTS, *EVENTS.columns.keys())
_ADD = _EVENTS.insert()
_EVENT_LOTS = Many(EVENT_LOTS, "lot_id", "position")
_ADD_LOTS = _EVENT_LOTS.insert()
_QUEUE = select(func.pg_advisory_xact_lock(CHAIN_LOCK))
_KNOWN = select(Event.message_id).where(among(Event.message_id, "ids"))
_HEAD = select(Event.position, Event.hash).order_by(Event.position.desc()).limit(1)
_NOW = select(func.clock_timestamp())


async def record(tx: Tx, heard: Sequence[tuple[Fact, Envelope]]) -> None:
    """Add these facts to the end of the chain, in the order they came; one that is there already is left out."""
    await tx.execute(_QUEUE)
    known = set((await tx.scalars(_KNOWN, {"ids": [envelope.id for _, envelope in heard]})).all())
    head = (await tx.execute(_HEAD)).first()
    position, previous = (head.position, head.hash) if head else (0, BEGINNING)
    now = await tx.scalar(_NOW)
    rows: list[dict[str, Any]] = []
    lots: list[dict[str, Any]] = []
    for fact, envelope in heard:
        if envelope.id in known:
            continue
        known.add(envelope.id)
        position += 1
        row = {"position": position, "recorded_at": now, "previous_hash": previous, **_row(fact, envelope)}
        previous = row["hash"] = seal(row, previous)
        rows.append({**row, "details": fact.model_dump_json(exclude=ABOUT_THE_ROW)})
        lots += ({"lot_id": lot_id, "position": position} for lot_id in lots_of(fact))
    await _insert(tx, rows, lots)


async def _insert(tx: Tx, rows: list[dict[str, Any]], lots: list[dict[str, Any]]) -> None:
    if rows:
        await tx.execute(_ADD, _EVENTS.of(rows))
    if lots:
        await tx.execute(_ADD_LOTS, _EVENT_LOTS.of(lots))


def _row(fact: Fact, envelope: Envelope) -> dict[str, Any]:
    kind = type(fact)
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
        "location_id": next((place for name in _of(kind, PLACES) if (place := getattr(fact, name))), None),
        **dict.fromkeys(SUBJECTS),
        **{name: getattr(fact, name) for name in _of(kind, SUBJECTS)},
        "details": fact.model_dump(mode="json", exclude=ABOUT_THE_ROW),
    }


@cache
def _of(kind: type[Fact], names: tuple[str, ...]) -> tuple[str, ...]:
    """Which of these a fact of this kind has: asking each fact for what it does not have takes long."""
    return tuple(name for name in names if name in kind.model_fields)


def lots_of(fact: Fact) -> Iterator[UUID]:
    """Every lot a fact names, each once."""
    lines = (line for name in _of(type(fact), LINES) for line in getattr(fact, name))
    yield from dict.fromkeys(line.lot_id for line in lines if line.lot_id is not None)
