"""The outbox: a fact is written beside the change it tells of, in the same transaction.

The lock discipline that keeps a thing's facts in order holds by construction: `emit` only collects, and the rows
are inserted after the session was flushed, so the aggregate's row is locked before its fact takes a number.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis import straight, telemetry
from chassis.clock import new_id
from chassis.trail import Trail, current
from contracts.envelope import Envelope, Fact

if TYPE_CHECKING:
    from chassis.db import Tx

TABLES = MetaData()

OUTBOX = Table(
    "outbox",
    TABLES,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("message_id", Uuid, nullable=False, unique=True),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("aggregate_version", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("published_at", DateTime(timezone=True)),
    Column("blocked_reason", Text),
    UniqueConstraint("aggregate_type", "aggregate_id", "aggregate_version", name="uq_outbox_aggregate_version"),
    Index("ix_outbox_unpublished", "id", postgresql_where=text("published_at IS NULL")),
)

_WRITE = """
    INSERT INTO outbox
           (message_id, aggregate_type, aggregate_id, aggregate_version, topic, type, payload, headers)
    SELECT message_id, aggregate_type, aggregate_id, aggregate_version, topic, type, payload::jsonb, headers::jsonb
      FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[])
        AS fact (message_id, aggregate_type, aggregate_id, aggregate_version, topic, type, payload, headers)
    """


@dataclass(frozen=True, slots=True)
class Emitted:
    """A fact with the trail and the trace it was made on: a batch of messages has one of each per message."""

    fact: Fact
    trail: Trail
    traceparent: str | None


class Facts:
    """What a transaction collects until it is written."""

    collected: tuple[Emitted, ...] = ()


def emit(tx: "Tx", *facts: Fact) -> None:
    """Tell what has happened: becomes visible to the world exactly if this transaction commits."""
    made_on = current()
    traceparent = telemetry.traceparent()
    tx.collected += tuple(Emitted(fact, made_on, traceparent) for fact in facts)


async def write(tx: "Tx", *, service: str) -> int:
    """Flush the changes, then insert the collected facts; called by the door's transaction, by nobody else."""
    await tx.flush()
    if not tx.collected:
        return 0
    rows = [_row(emitted, service) for emitted in tx.collected]
    tx.collected = ()
    await straight.fetch(tx, _WRITE, *map(list, zip(*rows, strict=True)))
    return len(rows)


def _row(emitted: Emitted, service: str) -> tuple[Any, ...]:
    fact = emitted.fact
    envelope = Envelope(
        id=new_id(),
        type=fact.type,
        source=f"/needlepoint/{service}",
        subject=f"{fact.aggregate}/{fact.aggregate_id}",
        time=fact.at,
        aggregate=fact.aggregate,
        aggregateid=fact.aggregate_id,
        aggregateversion=fact.version,
        correlationid=emitted.trail.correlation_id,
        causationid=emitted.trail.causation_id,
        actor=emitted.trail.actor,
        traceparent=emitted.traceparent,
    )
    return (
        envelope.id,
        fact.aggregate,
        fact.aggregate_id,
        fact.version,
        fact.topic(),
        fact.type,
        fact.model_dump_json(),
        envelope.model_dump_json(exclude_none=True),
    )
