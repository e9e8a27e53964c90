"""Looks on as facts pass, from now on and without any promise: for pages that want to know when to look again.

It belongs to no group and commits nothing, so every process hears everything. What passes while it is away, or before
it begins, it does not hear.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from chassis.bus.closing import put_down
from chassis.bus.wire import Undecodable, decode
from chassis.health import Pulse
from chassis.message import Message
from chassis.stopping import Stopping

if TYPE_CHECKING:
    from chassis.bus.kafka import KafkaSettings

log = structlog.get_logger()

POLL_SECONDS = 0.5
LOOK_SECONDS = 5.0
"""How often it asks whether the brokers are there and whether there is more to look at."""
BEGIN_SECONDS = 15.0
BACKOFF_SECONDS_MAX = 5.0


class TopicsChanged(Exception):
    """There is more to look at than before: begin anew."""


class Onlooker:
    """Calls `hear`, in the event loop, with the facts of all topics whose name is that of a service."""

    def __init__(self, settings: "KafkaSettings", *, hear: Callable[[Sequence[Message]], None]) -> None:
        self.pulse = Pulse("onlooker")
        self._settings = settings
        self._hear = hear
        self._stopping = Stopping()

    def stop(self) -> None:
        """Let `run` return soon."""
        self._stopping.set()

    async def run(self) -> None:
        """Look on until told to stop; whatever fails, begin anew at what comes then."""
        failures = 0
        while not self._stopping.is_set():
            kafka = self._client()
            try:
                places = await self._begin(kafka)
                failures = 0
                await self._look_on(kafka, places)
            except Exception as error:
                failures += 1
                self.pulse.failed(error)
                wait = random.uniform(0, min(BACKOFF_SECONDS_MAX, 0.2 * 2**failures))  # noqa: S311 - jitter, no secret
                log.warning("onlooker.failed", attempt=failures, retry_seconds=round(wait, 2), exc_info=error)
                await self._stopping.rest(wait)
            finally:
                await put_down(kafka)

    async def _begin(self, kafka: AIOKafkaConsumer) -> set[TopicPartition]:
        async with asyncio.timeout(BEGIN_SECONDS):
            await kafka.start()
            places = await self._places(kafka)
            if places:
                kafka.assign(places)
                await kafka.seek_to_end(*places)
        self.pulse.beat()
        log.info("onlooker.began", count=len(places))
        return places

    async def _look_on(self, kafka: AIOKafkaConsumer, places: set[TopicPartition]) -> None:
        asked_at = time.monotonic()
        while not self._stopping.is_set():
            if places:
                batch = await kafka.getmany(timeout_ms=round(POLL_SECONDS * 1000), max_records=500)
                self._pass_on([record for records in batch.values() for record in records])
            else:
                await self._stopping.rest(POLL_SECONDS)
            if time.monotonic() - asked_at > LOOK_SECONDS:
                asked_at = time.monotonic()
                await self._must_be_all(kafka, places)
                self.pulse.beat()

    async def _must_be_all(self, kafka: AIOKafkaConsumer, places: set[TopicPartition]) -> None:
        async with asyncio.timeout(LOOK_SECONDS):
            if await self._places(kafka) != places:
                raise TopicsChanged

    def _pass_on(self, records: Sequence["ConsumerRecord[bytes, bytes]"]) -> None:
        messages = []
        for record in records:
            try:
                messages.append(decode(record))
            except Undecodable:  # whoever has to act on it puts it aside and tells
                continue
        if messages:
            self._hear(messages)

    async def _places(self, kafka: AIOKafkaConsumer) -> set[TopicPartition]:
        """Every partition of every service's topic; dead letters and the topics of others are none."""
        cluster = await kafka._client.fetch_all_metadata()
        prefix = self._settings.prefix
        return {
            TopicPartition(topic, partition)
            for topic in cluster.topics()
            if topic.startswith(prefix) and _is_service(topic.removeprefix(prefix))
            for partition in cluster.partitions_for_topic(topic) or ()
        }

    def _client(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **self._settings.connection(),
            client_id="needlepoint-onlooker",
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            max_poll_records=500,
            fetch_max_wait_ms=500,
            fetch_max_bytes=5_000_000,
            max_partition_fetch_bytes=1_000_000,
        )


def _is_service(name: str) -> bool:
    return name.isidentifier() and not name.startswith("_")
