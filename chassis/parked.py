"""What could not be handled: kept with its reason, holding back its key, replayed on request or dropped for a reason.

Whoever closes a parked message tells it as a fact, which follows from the message: it shows in the timeline of what the
message was about.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
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
    any_,
    bindparam,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis import trail
from chassis.bus.poison import Poison, read
from chassis.bus.wire import Undecodable
from chassis.clock import new_id
from chassis.compiled import Statement
from chassis.errors import Conflict, NotFound
from chassis.message import Message
from chassis.outbox import TABLES, emit
from contracts.envelope import Envelope, known_types
from contracts.parking import DropReason, Outcome, ParkedMessageClosed

if TYPE_CHECKING:
    from chassis.db import Database, Tx
    from chassis.inbox import Consumer

log = structlog.get_logger()

BEHIND = "behind an earlier message of the same key"
MESSAGES_A_TURN = 500
"""That one request replays: after some seconds it answers, and whoever asked goes on."""

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
    Column("record", JSONB),
    Column("dropped_at", DateTime(timezone=True)),
    Column("drop_reason", Text),
    Index("ix_parked_waiting", "consumer", "key", postgresql_where=text("replayed_at IS NULL AND dropped_at IS NULL")),
)

WAITS = PARKED.c.replayed_at.is_(None) & PARKED.c.dropped_at.is_(None)
"""Neither replayed nor dropped."""
_BLOCKED = Statement(
    select(PARKED.c.key).where(
        PARKED.c.consumer == bindparam("consumer"), WAITS, PARKED.c.key == any_(bindparam("keys", type_=ARRAY(Uuid)))
    )
)


class AlreadyClosed(Conflict):
    """This message is no longer parked: it was handled meanwhile, or dropped."""


@dataclass(frozen=True, slots=True)
class Why:
    """What is known about a failure."""

    reason: str
    """Says what is wrong without any value that came with it (I19)."""
    error: Exception | None = None
    attempts: int = 1
    first_failed_at: datetime | None = None


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
    is_readable: bool
    """Whether it is a fact; if not, it can only be replayed by a release that can read it, or dropped."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        return cls.model_validate({**row, "is_readable": row["record"] is None})


class Replay(BaseModel):
    """What a replay did, or with `dry_run` what it would try."""

    dry_run: bool
    replayed: list[UUID]
    failed: dict[UUID, str]
    """Message id → reason; the rest of that key stays parked."""
    next_after: int | None = None
    """Go on with the messages after this one; None: all were looked at."""


def reason_of(error: BaseException) -> str:
    """Why, without any value that the message carried (I19)."""
    if isinstance(error, Undecodable):
        return error.reason
    if isinstance(error, ValidationError):
        wrong = (f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors(include_input=False))
        return f"not a valid fact ({', '.join(wrong)})"
    return f"{type(error).__name__}: {error.message()}" if hasattr(error, "message") else type(error).__name__


async def blocked_keys(tx: "Tx", consumer: str, keys: Iterable[UUID]) -> set[UUID]:
    """Which of these keys have a message waiting to be replayed."""
    return {row.key for row in await _BLOCKED(tx, consumer=consumer, keys=list(keys))}


async def park(tx: "Tx", consumer: str, about: Message | Poison, why: Why) -> None:
    """Put something aside; its inbox row is written by the caller in the same transaction."""
    row = {"consumer": consumer, "reason": why.reason, "attempts": why.attempts, **_content(about)}
    await tx.execute(insert(PARKED).values(row))


def _content(about: Message | Poison) -> dict[str, Any]:
    """A message by what it says, a record byte by byte as it came."""
    row: dict[str, Any] = {"message_id": about.id, "type": about.type}
    if isinstance(about, Poison):
        return row | {"key": about.thing, "envelope": {}, "body": {}, "record": about.to_json()}
    return row | {"key": about.key, "envelope": about.attributes, "body": about.body, "record": None}


async def waiting(tx: "Tx", *, limit: int = 200) -> list[ParkedMessage]:
    """What is parked now, oldest first."""
    rows = await tx.execute(select(PARKED).where(WAITS).order_by(PARKED.c.id).limit(limit))
    return [ParkedMessage.of(dict(row)) for row in rows.mappings()]


async def replay(db: "Database", consumer: "Consumer", *, at: datetime, dry_run: bool, after: int = 0) -> Replay:
    """Handle the next parked messages again, in order; a key stops at its first failure, other keys go on.

    What has failed before `after` still holds its key; in a dry run nothing has failed, and everything waits as before.
    """
    rows, held = await _turn(db, consumer.name, after)
    stuck = set() if dry_run else held
    more = len(rows) == MESSAGES_A_TURN
    result = Replay(dry_run=dry_run, replayed=[], failed={}, next_after=rows[-1].id if more else None)
    for row in rows:
        if row.key in stuck:
            continue
        error = None if dry_run else await _replay_one(db, consumer, row.id, at=at)
        if error is None:
            result.replayed.append(row.message_id)
        else:
            stuck.add(row.key)
            result.failed[row.message_id] = reason_of(error)
    log.info("parked.replayed", consumer=consumer.name, count=len(result.replayed), parked=len(result.failed))
    return result


async def _turn(db: "Database", consumer: str, after: int) -> tuple[Sequence[Any], set[UUID]]:
    """The next messages that wait, and the keys that an earlier one still holds."""
    theirs = select(PARKED.c.id, PARKED.c.key, PARKED.c.message_id).where(PARKED.c.consumer == consumer, WAITS)
    async with db.reading() as tx:
        rows = (await tx.execute(theirs.where(PARKED.c.id > after).order_by(PARKED.c.id).limit(MESSAGES_A_TURN))).all()
        keys = {row.key for row in rows}
        held = theirs.where(PARKED.c.id <= after, PARKED.c.key == any_(literal(list(keys), ARRAY(Uuid))))
        return rows, {row.key for row in await tx.execute(held)} if after else set()


async def _replay_one(db: "Database", consumer: "Consumer", row_id: int, *, at: datetime) -> Exception | None:
    """Effect, mark and news of it in one transaction, the row locked: two replays at once do it once."""
    try:
        async with db.transaction() as tx:
            row = await _locked(tx, row_id)
            if _is_closed(row):
                return None
            if row["record"] is None:
                await consumer.replay(tx, Message(Envelope.model_validate(row["envelope"]), row["body"]))
            else:
                await consumer.take_up(tx, _message_in(row["record"]))
            await tx.execute(update(PARKED).where(PARKED.c.id == row_id).values(replayed_at=at))
            _tell(tx, row, Outcome.REPLAYED, at=at)
    except Exception as error:
        return error
    return None


def _message_in(record: dict[str, Any]) -> Message:
    found = read(Poison.from_json(record), known=known_types())
    if isinstance(found, Poison):
        raise Undecodable(found.reason)
    return found


async def drop(tx: "Tx", parked_id: int, *, reason: DropReason, at: datetime) -> None:
    """Never handle it; what waits behind it can be replayed then."""
    row = await _locked(tx, parked_id)
    if _is_closed(row):
        raise AlreadyClosed(id=parked_id)
    await tx.execute(update(PARKED).where(PARKED.c.id == parked_id).values(dropped_at=at, drop_reason=reason))
    _tell(tx, row, Outcome.DROPPED, at=at, reason=reason)
    log.info("parked.dropped", consumer=row["consumer"], message_id=str(row["message_id"]), reason=reason)


async def _locked(tx: "Tx", parked_id: int) -> Mapping[str, Any]:
    found = (await tx.execute(select(PARKED).where(PARKED.c.id == parked_id).with_for_update())).mappings().first()
    if found is None:
        raise NotFound(kind="parked message", id=parked_id)
    return dict(found)


def _is_closed(row: Mapping[str, Any]) -> bool:
    return row["replayed_at"] is not None or row["dropped_at"] is not None


def _tell(
    tx: "Tx", row: Mapping[str, Any], outcome: Outcome, *, at: datetime, reason: DropReason | None = None
) -> None:
    """It follows from the message, and from whoever asked for it."""
    fact = ParkedMessageClosed.told_by(row["consumer"])(
        message_id=row["message_id"],
        version=1,
        at=at,
        fact=row["type"],
        about=row["key"],
        outcome=outcome,
        reason=reason,
    )
    correlation = row["envelope"].get("correlationid")
    step = trail.Trail(
        UUID(correlation) if correlation else new_id(),
        causation_id=row["message_id"] if correlation else None,
        actor=trail.current().actor,
    )
    with trail.following(step):
        emit(tx, fact)
