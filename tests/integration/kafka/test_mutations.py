"""What holds a guarantee over Kafka, switched off: the tests that watch over it have to go red.

The same for outbox, relay and inbox without a broker: tests/integration/chassis/test_guarantees.py.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis import outgoing
from chassis.bus import listening, wire
from chassis.bus.kafka import KafkaCarrier
from chassis.bus.membership import Membership
from chassis.bus.shares import Batch
from chassis.db import Tx
from chassis.inbox import Claim, Consumer
from chassis.message import Message
from chassis.relay import Relay
from tests.integration.kafka.desk import Desk
from tests.integration.kafka.test_groups import Gate, in_order
from tests.integration.kafka.test_once_more import go_back, has_read_everything
from tests.support import marks
from tests.support.bus import PARTITIONS
from tests.support.waiting import eventually


class WithoutInbox(Consumer):
    """Every delivery counts as the first."""

    async def _first_time(self, tx: Tx, claims: Sequence[Claim]) -> set[UUID]:
        return {claim.id for claim in claims}


async def test_without_the_inbox_a_topic_that_is_read_again_doubles_its_effects(desk: Desk) -> None:
    def forgetful() -> Consumer:
        return WithoutInbox(desk.db, {marks.MarkMade: marks.on_mark_made}, name="marks")

    listener = desk.bus.listen(forgetful())
    await desk.tell("a/1")
    await eventually(desk.has_heard("a/1"))
    await desk.bus.silence(listener)
    await go_back(desk)

    desk.bus.listen(forgetful())

    await eventually(desk.has_heard("a/1", "a/1"))


class Hasty(Membership):
    """Tells the broker how far it is before anything is done."""

    async def _take(self, batch: Batch) -> None:
        for place, records in batch.items():
            self._done[place] = records[-1].offset + 1
        await self._commit()
        await super()._take(batch)


@pytest.mark.parametrize(("kind", "lost"), [(Membership, 0), (Hasty, 1)])
async def test_if_offsets_are_told_before_the_effect_a_crash_loses_it(
    desk: Desk, kind: type[Membership], lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "Membership", kind)
    gate = Gate()
    dying = desk.bus.listen(desk.consumer(gate.handle))
    await desk.tell("a/1")
    await eventually(gate.has_a_knock)
    await desk.bus.cut_off(dying)
    monkeypatch.undo()

    await desk.tell("b/1")
    desk.bus.listen(desk.consumer())
    await eventually(_hears(desk, "b/1"))
    await eventually(lambda: has_read_everything(desk))

    assert (await desk.heard()).count("a/1") == 1 - lost


def _hears(desk: Desk, text: str) -> Callable[[], Any]:
    async def hears() -> bool:
        return text in await desk.heard()

    return hears


class MarksFirst(Relay):
    """Marks what it read, then sends it."""

    async def _publish_batch(self, driver: asyncpg.Connection) -> int | None:
        async with driver.transaction():
            rows = await outgoing.waiting(driver, limit=self.batch)
            await outgoing.mark(driver, rows)
        if rows:
            await self.carrier.publish([row.message for row in rows])
        return len(rows)


@pytest.mark.parametrize(("kind", "left"), [(Relay, 1), (MarksFirst, 0)])
async def test_if_facts_are_marked_before_they_are_sent_a_failure_loses_them(
    desk: Desk, kind: type[Relay], left: int
) -> None:
    await desk.make("a/1")

    with pytest.raises(ConnectionResetError):
        await kind(desk.db, Failing()).drain()

    assert await desk.unpublished() == left
    assert await desk.relay() == left


class Failing:
    async def publish(self, messages: Sequence[Message]) -> None:
        raise ConnectionResetError


class Keyless(KafkaCarrier):
    """Sends facts wherever there is room; those of one thing to different partitions."""

    _sent = 0

    def _record(self, message: Message) -> wire.Record:
        self._sent += 1
        return super()._record(message)._replace(key=f"{self._sent}".encode())


async def test_without_the_thing_as_key_its_facts_overtake_each_other(desk: Desk) -> None:
    """With it they can't: test_groups and test_broker_trouble, which look at the same."""
    carrier = Keyless(desk.bus.settings(), name="marks")
    texts = [f"{thing}/{version}" for thing in range(PARTITIONS) for version in range(1, 30)]
    for thing in range(PARTITIONS):
        await desk.make(*(text for text in texts if text.startswith(f"{thing}/")))
    await desk.relay(carrier)
    await carrier.close()

    desk.bus.listen(desk.consumer(), poll_records=3)

    await eventually(desk.has_heard(*texts))
    assert not in_order(await desk.heard())


class Skipping(Membership):
    """Passes over what fails, as a loop does that logs and goes on."""

    async def _take_share(self, share: Any) -> None:
        await super()._take_share(share)
        self._done |= share.ends
        for place, offset in share.ends.items():
            self.kafka.seek(place, offset)
            self.kafka.resume(place)  # or what comes next on the same partition would wait for ever
            self.retries.succeeded(place)


@pytest.mark.parametrize(("kind", "lost"), [(Membership, 0), (Skipping, 1)])
async def test_if_what_fails_is_passed_over_it_is_lost(
    desk: Desk, kind: type[Membership], lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "Membership", kind)
    is_busy = asyncio.Event()

    async def busy_once(tx: Tx, fact: marks.MarkMade) -> None:
        if fact.text == "a/1" and not is_busy.is_set():
            is_busy.set()
            raise TimeoutError
        await desk.note(tx, fact)

    desk.bus.listen(desk.consumer(busy_once))
    await desk.tell("a/1")
    await is_busy.wait()
    await desk.tell("b/1")
    await eventually(_hears(desk, "b/1"))
    await eventually(lambda: has_read_everything(desk))

    assert (await desk.heard()).count("a/1") == 1 - lost
