"""What may be asked of the record: add to it."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from chassis import straight
from chassis.compiled import Statement
from chassis.db import Tx
from chassis.many import Many
from contracts.envelope import Envelope, Fact
from services.audit.timeline.chain import BEGINNING, seal
from services.audit.timeline.model import EVENT_LOTS, EVENTS

CHAIN_LOCK = 0x6175_6469_74
"""Advisory lock key: whoever adds to the chain queues here until the other has committed."""
PLACES = ("location_id", "performed_at", "home_location_id")
SUBJECTS = ("patient_id", "appointment_id", "package_id", "invoice_id")
LINES = ("lines", "consumption")
ABOUT_THE_ROW = {"version", "at"}
"""They have columns of their own."""

_EVENTS = Many(EVENTS, *EVENTS.columns.keys())
_ADD = Statement(_EVENTS.insert())
_EVENT_LOTS = Many(EVENT_LOTS, "lot_id", "position")
_ADD_LOTS = Statement(_EVENT_LOTS.insert())
_QUEUE = Statement(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
_SO_FAR = """
    SELECT clock_timestamp(), ARRAY (SELECT message_id FROM event WHERE message_id = ANY ($1::uuid[])), position, hash
      FROM (SELECT) AS always
      LEFT JOIN (SELECT position, hash FROM event ORDER BY position DESC LIMIT 1) AS head ON true
    """


async def record(tx: Tx, heard: Sequence[tuple[Fact, Envelope]]) -> None:
    """Add these facts to the end of the chain, in the order they came; one that is there already is left out."""
    await _QUEUE(tx)
    [(now, found, last, hash_)] = await straight.fetch(tx, _SO_FAR, [envelope.id for _, envelope in heard])
    known, position, previous = set(found), last or 0, hash_ or BEGINNING
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
        await _ADD(tx, **_EVENTS.of(rows))
    if lots:
        await _ADD_LOTS(tx, **_EVENT_LOTS.of(lots))


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
