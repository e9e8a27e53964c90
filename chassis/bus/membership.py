"""One membership in a consumer group, from joining to leaving: facts are taken, then offsets are told.

The order never changes: effects and inbox are committed in the database, then the offset goes to the broker. So a
crash, a rebalance or a lost answer can only bring a fact again, and the inbox knows it.

`getmany` is never cancelled while the membership lasts: that would switch off the client's own watch over members that
hang. Pauses do not survive a rebalance, so they are put on again. What is revoked while a share is being taken is
given away after that share.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import TopicPartition

from chassis import telemetry
from chassis.bus.closing import put_down
from chassis.bus.dead_letters import DeadLetters
from chassis.bus.poison import Poison
from chassis.bus.retries import Retries
from chassis.bus.shares import Batch, Share, shares_of
from chassis.crash import crash_point
from chassis.errors import Unavailable
from chassis.inbox import Consumer
from chassis.stopping import Stopping
from contracts.envelope import known_types

if TYPE_CHECKING:
    from chassis.bus.kafka import KafkaSettings

log = structlog.get_logger()

POLL_SECONDS = 0.5
COMMIT_SECONDS = 3.0
"""Short, since offsets that were not told are told again; by itself the client would wait without end."""
TURN_SECONDS = 30.0
"""For what one poll brought; the rest is put back and comes again, so that the loop comes round."""


class Membership(ConsumerRebalanceListener):
    def __init__(
        self, consumer: Consumer, settings: "KafkaSettings", *, dead_letters: DeadLetters, stopping: Stopping
    ) -> None:
        self.kafka = _client(settings, name=consumer.name)
        self.retries = Retries()
        self.turned_at = time.monotonic()
        """When the loop last got on."""
        self._consumer = consumer
        self._settings = settings
        self._dead_letters = dead_letters
        self._stopping = stopping
        self._done: dict[TopicPartition, int] = {}
        """Where to go on, as far as the broker has not been told."""
        self._generation = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def join(self, topics: Sequence[str]) -> None:
        """Become a member and get a share of the partitions; waits for members that have something to finish."""
        self.kafka.subscribe([self._settings.topic(topic) for topic in topics], listener=self)
        async with asyncio.timeout(self._settings.rebalance_seconds + self._settings.request_seconds):
            await self.kafka.start()

    async def leave(self) -> None:
        await put_down(self.kafka)

    def lacks_a_topic(self) -> bool:
        """Whether one that we listen to has no partitions, as far as we know."""
        return not all(self.kafka.partitions_for_topic(topic) for topic in self.kafka.subscription())

    def partitions(self) -> int:
        """How many there are to be shared among the members."""
        return sum(len(self.kafka.partitions_for_topic(topic) or ()) for topic in self.kafka.subscription())

    async def listen(self) -> None:
        """Take what comes until it is time to stop."""
        while not self._stopping.is_set():
            self._resume_due()
            patience_ms = round(self.retries.seconds_until_next(POLL_SECONDS) * 1000)
            batch = await self.kafka.getmany(timeout_ms=patience_ms, max_records=self._settings.poll_records)
            self.turned_at = time.monotonic()
            if batch:
                self._idle.clear()
                crash_point("listener.fetched")
                try:
                    await self._take(batch)
                    crash_point("listener.handled")
                    await self._commit()
                    crash_point("listener.told")
                finally:
                    self._idle.set()
            elif self._done:  # the broker did not take it last time
                await self._commit()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Let the share that is being taken be finished, and tell how far we are. Never raises."""
        self._generation += 1
        if revoked:
            telemetry.REBALANCES.labels(self._consumer.name).inc()
        try:
            async with asyncio.timeout(self._settings.drain_seconds):
                await self._idle.wait()
        except TimeoutError:
            log.warning("listener.overran", consumer=self._consumer.name, seconds=self._settings.drain_seconds)
        await self._commit()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin at what the broker was told; what has to wait goes on waiting."""
        self._done.clear()
        self.retries.keep(assigned)
        self.kafka.pause(*self.retries.waiting())
        log.info("partitions.assigned", consumer=self._consumer.name, count=len(assigned))

    async def _take(self, batch: Batch) -> None:
        generation, began = self._generation, time.monotonic()
        known = known_types()
        for share in shares_of(batch, apart=self.retries, known=known):
            if generation != self._generation:
                return  # revoked meanwhile: whoever has it now begins at what was committed
            if self._stopping.is_set() or time.monotonic() - began > TURN_SECONDS:
                self._put_back(share)
            else:
                await self._take_share(share)
                self.turned_at = time.monotonic()

    async def _take_share(self, share: Share) -> None:
        try:
            for piece in share.pieces():
                if isinstance(piece, Poison):
                    await self._consumer.set_aside(piece, dead_letters=self._dead_letters)
                else:
                    await self._consumer.handle(piece, dead_letters=self._dead_letters)
        except Exception as error:
            self._put_back(share)
            self._wait_a_while(share, error)
        else:
            self._done |= share.ends
            for place in share.ends:
                self.retries.succeeded(place)

    def _put_back(self, share: Share) -> None:
        for place, offset in share.begins.items():
            with contextlib.suppress(IllegalStateError):  # somebody else's by now
                self.kafka.seek(place, offset)

    def _wait_a_while(self, share: Share, error: Exception) -> None:
        """Nothing of these partitions for some time; we go on polling, so that the group knows of us."""
        attempts = 0
        for place in share.begins:
            attempts = max(attempts, self.retries.failed(place))
            with contextlib.suppress(IllegalStateError):
                self.kafka.pause(place)
            telemetry.RETRIES.labels(self._consumer.name).inc()
        tell = log.warning if isinstance(error, Unavailable) else log.error
        tell("facts.put_back", consumer=self._consumer.name, count=len(share.found), attempt=attempts, exc_info=error)

    def _resume_due(self) -> None:
        paused = self.kafka.paused()
        self.kafka.resume(*(place for place in self.retries.due() if place in paused))

    async def _commit(self) -> None:
        """Tell the broker how far we are. What it does not take comes again, and the inbox knows it."""
        mine = {place: offset for place, offset in self._done.items() if place in self.kafka.assignment()}
        if await self._told(mine):
            self._done = {place: offset for place, offset in self._done.items() if mine.get(place, offset) < offset}

    async def _told(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Whether the broker knows them now, or never will; False if it is worth telling it again."""
        if not offsets:
            return True
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await self.kafka.commit(offsets)
        except (CommitFailedError, IllegalStateError):
            log.info("offsets.dropped", consumer=self._consumer.name, count=len(offsets))
        except (KafkaError, TimeoutError) as error:
            log.warning("offsets.not_told", consumer=self._consumer.name, count=len(offsets), exc_info=error)
            return False
        return True


def _client(settings: "KafkaSettings", *, name: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        **settings.connection(),
        client_id=f"needlepoint-{name}",
        group_id=settings.topic(name),
        group_instance_id=None,  # a static member that stops would keep its partitions for a whole session
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_uncommitted",
        partition_assignment_strategy=[_own_assignor()],
        session_timeout_ms=round(settings.session_seconds * 1000),
        heartbeat_interval_ms=round(settings.heartbeat_seconds * 1000),
        rebalance_timeout_ms=round(settings.rebalance_seconds * 1000),
        max_poll_interval_ms=round(settings.silence_seconds * 1000),
        max_poll_records=settings.poll_records,
        fetch_max_wait_ms=500,
        fetch_min_bytes=1,
        fetch_max_bytes=5_000_000,
        max_partition_fetch_bytes=1_000_000,
        check_crcs=True,
    )


def _own_assignor() -> type[StickyPartitionAssignor]:
    """Sticky, so that a rebalance moves few partitions; it remembers in its class, so every member needs its own."""

    class OwnAssignor(StickyPartitionAssignor):
        pass

    return OwnAssignor
