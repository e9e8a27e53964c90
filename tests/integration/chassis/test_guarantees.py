"""The guarantees of the outbox and the inbox, each shown to go red when what holds it is switched off.

Eight writers change four marks at once, with pauses inside their transactions, while the relay is at work.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.clock import new_id
from chassis.db import Tx, one
from chassis.inbox import Claim, Consumer
from chassis.message import Message
from chassis.outbox import OUTBOX, emit
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from contracts.envelope import Envelope
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import NOON, House, plan

MARKS = plan(marks.build, ServiceSettings)
WRITERS, TURNS, THINGS = 8, 30, 4
Write = Callable[[Tx, UUID, int], Awaitable[None]]


class Listening:
    """A carrier that only notes which version of which thing it was given, in order."""

    def __init__(self) -> None:
        self.heard: dict[UUID, list[int]] = defaultdict(list)

    async def publish(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self.heard[message.key].append(message.envelope.aggregateversion)

    def lost(self, told: dict[UUID, int]) -> int:
        return sum(len(set(range(1, last + 1)) - set(self.heard[key])) for key, last in told.items())

    def out_of_order(self) -> int:
        return sum(later < earlier for versions in self.heard.values() for earlier, later in pairwise(versions))


async def pause() -> None:
    await asyncio.sleep(random.uniform(0, 0.004))


async def lock_then_tell(tx: Tx, mark_id: UUID, turn: int) -> None:
    """How every use case works: lock, change, emit."""
    mark = await one(tx, marks.Mark, mark_id, lock=True)
    await pause()
    emit(tx, mark.remake(f"turn {turn} {new_id()}", at=NOON))


async def tell_then_lock(tx: Tx, mark_id: UUID, turn: int) -> None:
    """The discipline switched off: the fact takes its number before the mark is locked."""
    message_id = new_id()
    row = {"message_id": message_id, "aggregate_type": "mark", "aggregate_id": mark_id, "topic": "marks"}
    row |= {"aggregate_version": -random.randrange(2**31), "type": "marks.mark-made", "payload": {}, "headers": {}}
    await tx.execute(insert(OUTBOX).values(row))
    await pause()
    mark = await one(tx, marks.Mark, mark_id, lock=True)
    fact = mark.remake(f"turn {turn} {new_id()}", at=NOON)
    headers = {"id": str(message_id), "type": fact.type, "source": "/test", "subject": "mark", "time": NOON.isoformat()}
    headers |= {"aggregate": "mark", "aggregateid": str(mark_id), "correlationid": str(message_id)}
    headers |= {"aggregateversion": fact.version}  # type: ignore[dict-item]
    changed = {"aggregate_version": fact.version, "headers": headers}
    await tx.execute(update(OUTBOX).where(OUTBOX.c.message_id == message_id).values(changed))


class NaiveCursor(Relay):
    """The classic bug: go on behind the highest id seen. Rows that commit late are never sent."""

    last = 0

    async def drain_once(self, connection: AsyncConnection) -> int:
        async with connection.begin():
            query = select(OUTBOX.c.id, OUTBOX.c.headers, OUTBOX.c.payload).where(OUTBOX.c.id > self.last)
            rows = (await connection.execute(query.order_by(OUTBOX.c.id).limit(self.batch))).all()
            await self.carrier.publish([Message(Envelope.model_validate(row.headers), row.payload) for row in rows])
        self.last = rows[-1].id if rows else self.last
        return len(rows)


async def storm(house: House, relay: Relay, write: Write, *, relay_every: float = 0.002) -> dict[UUID, int]:
    """Let the writers loose with the relay beside them; returns the last version of each mark."""
    db = house.running["marks"].context.db
    things = [await a_mark(house) for _ in range(THINGS)]
    done = asyncio.Event()

    async def keep_relaying() -> None:
        while not done.is_set():
            await relay.drain()
            await asyncio.sleep(relay_every)

    async def keep_writing() -> None:
        for turn in range(TURNS):
            async with db.transaction() as tx:
                await write(tx, random.choice(things), turn)
                await outbox.write(tx, service="marks")
                await pause()  # a slow commit: numbers are taken in one order and become visible in another

    relaying = asyncio.create_task(keep_relaying())
    await asyncio.gather(*(keep_writing() for _ in range(WRITERS)))
    done.set()
    await relaying
    await relay.drain()
    async with db.reading() as tx:
        return {mark.id: mark.version for mark in await tx.scalars(select(marks.Mark))}


async def a_mark(house: House) -> UUID:
    async with house.running["marks"].context.db.transaction() as tx:
        mark = marks.Mark(id=new_id(), text="new", version=1)
        tx.add(mark)
        emit(tx, marks.MarkMade(mark_id=mark.id, version=1, at=NOON, text="new"))
        return mark.id


async def test_no_fact_is_lost_and_none_overtakes_another_of_its_key(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    bus = Listening()

    told = await storm(house, Relay(house.running["marks"].context.db, bus), lock_then_tell)

    assert (bus.lost(told), bus.out_of_order()) == (0, 0)
    assert sum(told.values()) == THINGS + WRITERS * TURNS


async def test_with_a_cursor_over_the_id_facts_are_lost(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    bus = Listening()

    told = await storm(house, NaiveCursor(house.running["marks"].context.db, bus), lock_then_tell)

    assert bus.lost(told) > 0


async def test_without_the_lock_discipline_facts_overtake_each_other(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    bus = Listening()

    await storm(house, Relay(house.running["marks"].context.db, bus), tell_then_lock, relay_every=0.03)

    assert bus.out_of_order() > 0


class WithoutInbox(Consumer):
    """The inbox switched off: every delivery counts as the first."""

    async def _first_time(self, tx: Tx, claims: Sequence[Claim]) -> set[UUID]:
        return {claim.id for claim in claims}


@pytest.mark.parametrize(("kind", "times"), [(Consumer, 1), (WithoutInbox, 3)])
async def test_only_the_inbox_makes_three_deliveries_one_effect(
    move_in: MoveIn, kind: type[Consumer], times: int
) -> None:
    house = await move_in(MARKS)
    db = house.running["marks"].context.db
    consumer = kind(db, house.running["marks"].service.subscriptions, name="marks")
    await a_mark(house)
    bus = Collecting()
    await Relay(db, bus).drain()

    for _ in range(3):
        await consumer.handle(bus.messages)

    async with db.reading() as tx:
        assert await tx.scalar(select(func.count()).select_from(marks.Heard)) == times


class Collecting:
    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def publish(self, messages: Sequence[Message]) -> None:
        self.messages.extend(messages)


async def test_a_fact_stays_in_the_outbox_until_every_consumer_took_it(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    await a_mark(house)
    db = house.running["marks"].context.db

    with pytest.raises(ConnectionRefusedError):
        await Relay(db, Refusing()).drain()

    bus = Listening()
    assert await Relay(db, bus).drain() == 1


class Refusing:
    async def publish(self, messages: Sequence[Message]) -> None:
        raise ConnectionRefusedError


@pytest.mark.fault("F3", dose="a second relay beside the first", holds="I3 I4")
async def test_a_second_relay_waits_until_the_first_is_gone(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    db = house.running["marks"].context.db
    first, second = Relay(db, Listening()), Relay(db, Listening())

    async with db.engine.connect() as leading, db.engine.connect() as waiting:
        leads = await first._is_leader(leading)
        follows = await second._is_leader(waiting)

    assert (leads, follows) == (True, False)
