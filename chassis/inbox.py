"""The inbox: each fact takes effect once per consumer, however often and in whatever order it is delivered.

A batch is one transaction: inbox rows first (duplicates fall out), then the handlers, then what they gathered, then
their own facts. If anything in it raises, or it takes longer than a statement may, it is taken one message at a time. A
message that can't be handled is parked with its reason, and later messages of the same key are parked behind it until
somebody replays them; all others go on.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Column, DateTime, Integer, Table, Text, Uuid, exists, func, select
from sqlalchemy.exc import IntegrityError

from chassis import parked, straight, telemetry, trail
from chassis.bus.poison import Poison
from chassis.clock import Clock, SystemClock
from chassis.crash import crash_point
from chassis.db import Database, Tx, is_transient, took_too_long
from chassis.errors import Unavailable
from chassis.message import Message
from chassis.outbox import TABLES
from contracts.envelope import Envelope, Fact

if TYPE_CHECKING:
    from chassis.bus.dead_letters import DeadLetters

log = structlog.get_logger()

Handler = Callable[[Tx, Any], Awaitable[None]]
Subscriptions = Mapping[type[Fact], Handler]


INBOX = Table(
    "inbox",
    TABLES,
    Column("consumer", Text, primary_key=True),
    Column("message_id", Uuid, primary_key=True),
    Column("aggregate_id", Uuid, nullable=False),
    Column("aggregate_version", Integer, nullable=False),
    Column("processed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

# One statement text for batches of every size, so that it is planned once.
_CLAIM = """
    INSERT INTO inbox (consumer, message_id, aggregate_id, aggregate_version)
    SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::integer[])
    ON CONFLICT DO NOTHING RETURNING message_id
    """


@contextmanager
def following(envelope: Envelope) -> Iterator[None]:
    """Whatever is emitted in the block names this fact as its cause and goes on in its trace."""
    step = trail.Trail(envelope.correlationid, causation_id=envelope.id, actor=envelope.actor)
    with trail.following(step), telemetry.span(envelope.type, parent=envelope.traceparent):
        yield


def envelope_of(tx: Tx) -> Envelope:
    """The envelope of the fact that this transaction is handling."""
    if tx.envelope is None:
        raise LookupError("no fact is being handled: facts come through the inbox")
    return tx.envelope


class Claim(NamedTuple):
    """What the inbox notes of a message."""

    id: UUID
    key: UUID
    version: int


class Consumer:
    """One service's ear: decodes, deduplicates, calls the handler, parks what can't be handled."""

    def __init__(
        self,
        db: Database,
        subscriptions: Subscriptions,
        *,
        name: str,
        attempts_max: int = 5,
        clock: Clock | None = None,
    ) -> None:
        self.db = db
        self.name = name
        self.handlers = {fact.type: (fact, handler) for fact, handler in subscriptions.items()}
        self.attempts_max = attempts_max
        self._clock = clock or SystemClock()

    async def handle(self, messages: Sequence[Message], *, dead_letters: "DeadLetters | None" = None) -> None:
        """Take these messages, in order; returns when each is done, known already, or parked.

        Raises `Unavailable` when the work may succeed later: deliver the same messages again then. What fails for
        good is written to `dead_letters` before it is parked, if the carrier has any.
        """
        wanted = [message for message in messages if message.type in self.handlers]
        if not wanted:
            return
        try:
            async with self.db.transaction() as tx:
                await self._take(tx, wanted)
        except Exception as error:
            if is_transient(error) and not (took_too_long(error) and len(wanted) > 1):
                raise Unavailable(consumer=self.name) from error
            for message in wanted:
                await self._handle_alone(message, dead_letters)

    async def set_aside(self, poison: Poison, *, dead_letters: "DeadLetters | None" = None) -> None:
        """Park a record that nobody can read, so that its partition goes on. Raises `Unavailable` as `handle` does."""
        why = parked.Why(poison.reason)
        if await self._put_aside(poison, Claim(poison.id, poison.thing, 0), why, dead_letters):
            log.error("record.parked", consumer=self.name, topic=poison.topic, fact=poison.type, reason=poison.reason)

    async def replay(self, tx: Tx, message: Message) -> None:
        """Handle a parked message again; its inbox row stands already, so nothing else can take it meanwhile."""
        await self._apply(tx, message)

    async def take_up(self, tx: Tx, message: Message) -> None:
        """Handle the message that was found in a parked record; unless a sound copy of it was here before."""
        if message.type in self.handlers and await self._first_time(tx, [_claim(message)]):
            await self._apply(tx, message)

    async def _take(self, tx: Tx, messages: Sequence[Message]) -> None:
        fresh = await self._first_time(tx, [_claim(message) for message in messages])
        crash_point("inbox.claimed")
        blocked = await parked.blocked_keys(tx, self.name, {message.key for message in messages})
        for message in messages:
            if message.id not in fresh:
                self._count("duplicate")
            elif message.key in blocked:
                await parked.park(tx, self.name, message, parked.Why(parked.BEHIND, attempts=0))
                self._count("parked")
            else:
                await self._apply(tx, message)
                self._count("handled")
            fresh.discard(message.id)  # the same message may stand twice in one batch
        crash_point("inbox.applied")

    async def _apply(self, tx: Tx, message: Message) -> None:
        kind, handler = self.handlers[message.type]
        fact = kind.model_validate(message.body, extra="ignore")
        tx.envelope = message.envelope
        with following(message.envelope):
            await handler(tx, fact)

    async def _handle_alone(self, message: Message, dead_letters: "DeadLetters | None") -> None:
        """A constraint's refusal may be a lost race, so it is tried again; any other error would only say the same.

        No wait between the tries: PostgreSQL refuses once the winner has committed, so the next try sees what it did.
        """
        first_failed_at = self._clock.now()
        for attempt in range(1, self.attempts_max + 1):
            try:
                async with self.db.transaction() as tx:
                    await self._take(tx, [message])
                return
            except Exception as error:
                if is_transient(error):
                    raise Unavailable(consumer=self.name) from error
                if not isinstance(error, IntegrityError) or attempt == self.attempts_max:
                    why = parked.Why(parked.reason_of(error), error, attempt, first_failed_at)
                    await self._park(message, why, dead_letters)
                    return

    async def _park(self, message: Message, why: parked.Why, dead_letters: "DeadLetters | None") -> None:
        if await self._put_aside(message, _claim(message), why, dead_letters):
            log.error(
                "fact.parked",
                consumer=self.name,
                fact=message.type,
                message_id=str(message.id),
                attempt=why.attempts,
                exc_info=why.error,
            )

    async def _put_aside(
        self, about: Message | Poison, claim: Claim, why: parked.Why, dead_letters: "DeadLetters | None"
    ) -> bool:
        """Dead letter first, then the row; False if it is known already. Whatever hinders us: it is tried again."""
        try:
            if await self._is_known(claim.id):  # asked first, so that a database that is down makes no dead letters
                return False
            if dead_letters is not None:
                await dead_letters.write(about, why)
            async with self.db.transaction() as tx:
                if not await self._first_time(tx, [claim]):
                    return False
                await parked.park(tx, self.name, about, why)
        except Exception as hindrance:
            raise Unavailable(consumer=self.name) from hindrance
        self._count("parked")
        return True

    async def _first_time(self, tx: Tx, claims: Sequence[Claim]) -> set[UUID]:
        """Claim the messages for this consumer; the answer holds those that nobody claimed before."""
        once = {claim.id: claim for claim in claims}
        keys, versions = [claim.key for claim in once.values()], [claim.version for claim in once.values()]
        claimed = await straight.fetch(tx, _CLAIM, self.name, list(once), keys, versions)
        return {row[0] for row in claimed}

    async def _is_known(self, message_id: UUID) -> bool:
        here = INBOX.c.consumer == self.name, INBOX.c.message_id == message_id
        async with self.db.reading() as tx:
            return bool(await tx.scalar(select(exists().where(*here))))

    def _count(self, outcome: str) -> None:
        telemetry.HANDLED.labels(self.name, outcome).inc()


def _claim(message: Message) -> Claim:
    return Claim(message.id, message.key, message.envelope.aggregateversion)
