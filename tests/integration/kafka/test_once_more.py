"""What was there comes again, or is gone from the broker: topics made anew, offsets lost, two relays that both send."""

import asyncio
import os
import signal
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition
from sqlalchemy import delete, text, update

from chassis.bus.kafka import KafkaCarrier
from chassis.bus.listening import Listener
from chassis.inbox import INBOX
from chassis.knocking import knock
from chassis.message import Message
from chassis.outbox import OUTBOX
from chassis.relay import RELAY_LOCK, Relay
from tests.integration.kafka.desk import Desk
from tests.integration.kafka.test_groups import a_replica, in_order
from tests.support.bus import PARTITIONS
from tests.support.waiting import eventually


async def go_back(desk: Desk, *, to: int = 0) -> None:
    """The group begins at this offset again; nobody of it may be listening."""
    reader = AIOKafkaConsumer(
        bootstrap_servers=desk.bus.broker.address, group_id=f"{desk.bus.prefix}marks", enable_auto_commit=False
    )
    await reader.start()
    try:
        places = [TopicPartition(f"{desk.bus.prefix}marks", number) for number in range(PARTITIONS)]
        reader.assign(places)
        await reader.commit(dict.fromkeys(places, to))
    finally:
        await reader.stop()


@pytest.mark.fault("F23", dose="a whole topic read from its beginning again, twice", holds="I3 I4")
async def test_a_topic_that_is_read_again_from_its_beginning_changes_nothing(desk: Desk) -> None:
    texts = [f"{thing}/{version}" for thing in range(5) for version in range(1, 6)]
    for thing in range(5):
        await desk.tell(*(text for text in texts if text.startswith(f"{thing}/")))
    listener = desk.bus.listen(desk.consumer())
    await eventually(desk.has_heard(*texts))

    for marker in ("first", "second"):
        await desk.bus.silence(listener)
        await go_back(desk)
        await desk.tell(marker)
        texts.append(marker)
        listener = desk.bus.listen(desk.consumer())
        await eventually(desk.has_heard(*texts))
        await eventually(lambda: has_read_everything(desk))

    assert sorted(await desk.heard()) == sorted(texts)


async def has_read_everything(desk: Desk) -> bool:
    told = await desk.bus.committed()  # also of partitions in which nothing is, once somebody went back to their start
    return {partition: offset for partition, offset in told.items() if offset} == await desk.bus.ends()


@pytest.mark.fault("F6", dose="the topic deleted with facts in it, made anew, filled from the outbox", holds="I2 I3 I4")
async def test_a_topic_that_was_lost_is_filled_again_from_the_outbox(desk: Desk) -> None:
    listener = desk.bus.listen(desk.consumer())
    await desk.tell("a/1", "a/2")
    await eventually(desk.has_heard("a/1", "a/2"))
    await desk.bus.silence(listener)
    await desk.tell("b/1", "b/2")
    await desk.bus.remove("marks")
    await desk.bus.create("marks")
    desk.bus.listen(desk.consumer())

    async with desk.db.transaction() as tx:  # as docs/operations.md tells
        await tx.execute(update(OUTBOX).values(published_at=None))
    await desk.relay()

    await eventually(desk.has_heard("a/1", "a/2", "b/1", "b/2"))
    assert in_order(await desk.heard())


@pytest.mark.fault("F6", dose="the topic deleted under a listener, made anew", holds="I2 I3")
async def test_a_listener_finds_its_topic_again_when_it_was_made_anew(desk: Desk) -> None:
    desk.bus.listen(desk.consumer(), stall_seconds=1, rebuild_seconds=1)
    before = [f"{thing}/{version}" for thing in range(PARTITIONS) for version in (1, 2, 3)]
    records = [await desk.a_record(text) | {"partition": int(text[0])} for text in before]
    await desk.bus.put(*records)
    await eventually(desk.has_heard(*before))

    await desk.bus.remove("marks")
    await desk.bus.create("marks")
    await desk.tell("after/1")

    await eventually(desk.has_heard(*before, "after/1"))


@pytest.mark.fault("F6", dose="the topic deleted under a listener, not made anew for a while", holds="I2 I22")
async def test_a_listener_whose_topic_is_gone_says_so_and_begins_when_it_is_there(desk: Desk) -> None:
    listener = desk.bus.listen(desk.consumer(), rebuild_seconds=2)
    await desk.tell("before/1")
    await eventually(desk.has_heard("before/1"))
    await eventually(lambda: has_read_everything(desk))

    await desk.bus.remove("marks")
    await eventually(lambda: says(listener, "UnknownTopicOrPartitionError"))  # soon the next one does not even join
    await desk.bus.create("marks")
    await desk.tell("after/1")

    await eventually(desk.has_heard("before/1", "after/1"))
    await eventually(lambda: says(listener, None))


async def says(listener: Listener, error: str | None) -> bool:
    return listener.pulse.last_error == error


class Held(KafkaCarrier):
    """A carrier that is held up before it sends, as a frozen process is."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.bus.settings(), name="marks")
        self.is_held, self.go_on = asyncio.Event(), asyncio.Event()

    async def publish(self, messages: Sequence[Message]) -> None:
        self.is_held.set()
        await self.go_on.wait()
        await super().publish(messages)


@pytest.mark.fault("F3 F2", dose="the first one's lock cut while it sends; both are alive and send", holds="I3 I4")
async def test_two_relays_that_both_believe_to_lead_double_no_effect(desk: Desk) -> None:
    held = Held(desk)
    first, second = Relay(desk.db, held, poll_seconds=0.05), Relay(desk.db, desk.bus.carrier(), poll_seconds=0.05)
    desk.bus.listen(desk.consumer())
    await desk.make("a/1", "a/2", "a/3")
    running = [asyncio.create_task(first.run())]
    await held.is_held.wait()
    running.append(asyncio.create_task(second.run()))

    await cut_the_leader(desk)
    await eventually(desk.has_heard("a/1", "a/2", "a/3"))
    held.go_on.set()
    await desk.make("b/1")
    await eventually(desk.has_heard("a/1", "a/2", "a/3", "b/1"))

    assert len(await desk.bus.records()) > 4, "both of them should have sent the first three"
    assert await desk.heard() == ["a/1", "a/2", "a/3", "b/1"]
    for relay, task in zip((first, second), running, strict=True):
        relay.stop()
        await task
    await held.close()


LEADER = text("""
    SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted
      AND (l.classid::bigint << 32) + l.objid::bigint = :key
""")


async def cut_the_leader(desk: Desk) -> None:
    """End the connection that holds the relay's lock."""
    async with desk.db.transaction() as tx:
        assert (await tx.execute(LEADER, {"key": RELAY_LOCK})).all()


@pytest.mark.fault("F2", dose="SIGSTOP of a leading relay, a thousand knocks at it", holds="I2 I3 I22")
async def test_a_relay_that_froze_gives_its_place_to_another(desk: Desk) -> None:
    """Whatever is said to it meanwhile: what it does not read must not keep its lock alive."""
    desk.bus.listen(desk.consumer())
    with a_replica(desk, "relay") as zombie:
        await desk.make("a/1")
        await eventually(desk.has_heard("a/1"))
        os.kill(zombie.pid, signal.SIGSTOP)
        other = Relay(desk.db, desk.bus.carrier())
        running = asyncio.create_task(other.run())
        for _ in range(1000):
            await knock(desk.db)

        await desk.make("b/1")
        await eventually(desk.has_heard("a/1", "b/1"), patience=15)

        os.kill(zombie.pid, signal.SIGCONT)
        await desk.make("c/1")
        await eventually(desk.has_heard("a/1", "b/1", "c/1"))
        other.stop()
        await running


@pytest.mark.fault("F15", dose="every message once more after its mark in the inbox has gone", holds="I4")
async def test_without_its_mark_in_the_inbox_a_fact_takes_effect_again_unless_it_has_a_natural_key(desk: Desk) -> None:
    """So whatever must never happen twice needs one; `marks` has none, services do (test_any_order)."""
    listener = desk.bus.listen(desk.consumer())
    await desk.tell("a/1")
    await eventually(desk.has_heard("a/1"))
    await desk.bus.silence(listener)
    async with desk.db.transaction() as tx:
        await tx.execute(delete(INBOX))
    await go_back(desk)

    desk.bus.listen(desk.consumer())

    await eventually(desk.has_heard("a/1", "a/1"))
