"""Messages that could not be handled: kept with their reason, holding back their key, replayed on request."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.message import Message
from chassis.outbox import TABLES
from contracts.envelope import Envelope

if TYPE_CHECKING:
    from chassis.db import Database, Tx
    from chassis.inbox import Consumer

log = structlog.get_logger()

BEHIND = "behind an earlier message of the same key"

PARKED = Table(
    "parked",
    TABLES,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("message_id", Uuid, nullable=False),
    Column("key", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("envelope", JSONB, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("replayed_at", DateTime(timezone=True)),
    Index("ix_parked_waiting", "consumer", "key", postgresql_where=text("replayed_at IS NULL")),
)


class ParkedMessage(BaseModel):
    """A message put aside; its body stays in the database."""

    id: int
    consumer: str
    message_id: UUID
    key: UUID
    type: str
    reason: str
    attempts: int
    parked_at: datetime


class Replay(BaseModel):
    """What a replay did, or with `dry_run` what it would try."""

    dry_run: bool
    replayed: list[UUID]
    failed: dict[UUID, str]
    """Message id → reason; the rest of that key stays parked."""


def reason_of(error: BaseException) -> str:
    """Why, without any value that the message carried (I19)."""
    if isinstance(error, ValidationError):
        wrong = (f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors(include_input=False))
        return f"not a valid fact ({', '.join(wrong)})"
    return f"{type(error).__name__}: {error.message()}" if hasattr(error, "message") else type(error).__name__


async def blocked_keys(tx: "Tx", consumer: str, keys: Iterable[UUID]) -> set[UUID]:
    """Which of these keys have a message waiting to be replayed."""
    waiting = select(PARKED.c.key).where(
        PARKED.c.consumer == consumer, PARKED.c.replayed_at.is_(None), PARKED.c.key.in_(list(keys))
    )
    return set((await tx.scalars(waiting)).all())


async def park(tx: "Tx", consumer: str, message: Message, *, reason: str, attempts: int = 0) -> None:
    """Put a message aside; its inbox row is written by the caller in the same transaction."""
    row: dict[str, Any] = {
        "consumer": consumer,
        "message_id": message.id,
        "key": message.key,
        "type": message.envelope.type,
        "envelope": message.envelope.model_dump(mode="json", exclude_none=True),
        "body": message.body,
        "reason": reason,
        "attempts": attempts,
    }
    await tx.execute(insert(PARKED).values(row))


async def waiting(tx: "Tx", *, limit: int = 200) -> list[ParkedMessage]:
    """What is parked now, oldest first."""
    rows = await tx.execute(select(PARKED).where(PARKED.c.replayed_at.is_(None)).order_by(PARKED.c.id).limit(limit))
    return [ParkedMessage.model_validate(dict(row)) for row in rows.mappings()]


async def replay(db: "Database", consumer: "Consumer", *, at: datetime, dry_run: bool) -> Replay:
    """Handle every parked message again, in order; a key stops at its first failure, other keys go on."""
    async with db.reading() as tx:
        rows = (await tx.execute(_waiting_of(consumer.name))).mappings().all()
    result = Replay(dry_run=dry_run, replayed=[], failed={})
    stuck: set[UUID] = set()
    for row in rows:
        if row["key"] in stuck:
            continue
        error = None if dry_run else await _replay_one(db, consumer, row["id"], at=at)
        if error is None:
            result.replayed.append(row["message_id"])
        else:
            stuck.add(row["key"])
            result.failed[row["message_id"]] = reason_of(error)
    log.info("parked.replayed", consumer=consumer.name, count=len(result.replayed), parked=len(rows))
    return result


def _waiting_of(consumer: str) -> Any:
    return select(PARKED).where(PARKED.c.consumer == consumer, PARKED.c.replayed_at.is_(None)).order_by(PARKED.c.id)


async def _replay_one(db: "Database", consumer: "Consumer", row_id: int, *, at: datetime) -> Exception | None:
    """Effect and mark in one transaction, the row locked: two replays at once do it once."""
    try:
        async with db.transaction() as tx:
            found: Sequence[Any] = (
                (await tx.execute(select(PARKED).where(PARKED.c.id == row_id).with_for_update())).mappings().all()
            )
            if not found or found[0]["replayed_at"] is not None:
                return None
            envelope = Envelope.model_validate(found[0]["envelope"])
            await consumer.replay(tx, Message(envelope, found[0]["body"]))
            await tx.execute(update(PARKED).where(PARKED.c.id == row_id).values(replayed_at=at))
    except Exception as error:
        return error
    return None
