"""A producer that is thrown away after any failure.

An idempotent producer numbers what it sends. After a failure aiokafka neither takes a number back nor gives up what
it holds: everything later is refused, or waits for ever, or goes out after it was sent again. A new one starts clean,
and what was sent twice is known to the inbox.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.structs import TopicPartition

from chassis.bus.closing import throw_away
from chassis.bus.placing import partition_of
from chassis.bus.wire import Record
from chassis.crash import crash_point

if TYPE_CHECKING:
    from chassis.bus.kafka import KafkaSettings

log = structlog.get_logger()

BATCH_BYTES = 500_000
"""Of one partition in one request; below the broker's `message.max.bytes` of 1 MB, one record may be larger."""

Batches = dict[TopicPartition, list[BatchBuilder]]


class Producer:
    """Sends records one batch after the other; knows its brokers only while it is needed."""

    def __init__(self, settings: "KafkaSettings", *, name: str) -> None:
        self._settings = settings
        self._name = name
        self._kafka: AIOKafkaProducer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def send(self, records: Sequence[Record]) -> None:
        """Return once all are acknowledged by every in-sync broker; raises within `publish_seconds` otherwise."""
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(self._settings.publish_seconds):
                    kafka = await self._started()
                    await self._send(kafka, records)
            except BaseException:
                await self._throw_away()
                raise

    async def close(self) -> None:
        await self._throw_away()

    async def _started(self) -> AIOKafkaProducer:
        if self._kafka is None:
            self._kafka = AIOKafkaProducer(
                **self._settings.connection(),
                client_id=f"needlepoint-{self._name}",
                enable_idempotence=True,
                acks="all",
                max_batch_size=BATCH_BYTES,
                max_request_size=2 * BATCH_BYTES,
                compression_type=None,
                linger_ms=0,  # a relay brings whole batches: there is nothing to wait for
            )
            await self._kafka.start()
        return self._kafka

    async def _send(self, kafka: AIOKafkaProducer, records: Sequence[Record]) -> None:
        on_their_way = []
        for place, batches in (await self._batches(kafka, records)).items():
            for batch in batches:
                batch.close()
                on_their_way.append(await kafka.send_batch(batch, place.topic, partition=place.partition))
        crash_point("producer.sent")
        await asyncio.gather(*on_their_way)

    async def _batches(self, kafka: AIOKafkaProducer, records: Sequence[Record]) -> Batches:
        """The records by partition, in their order."""
        batches: Batches = defaultdict(list)
        partitions: dict[str, list[int]] = {}
        for topic, key, value, headers in records:
            if topic not in partitions:
                partitions[topic] = sorted(await kafka.partitions_for(topic))
            place = TopicPartition(topic, partition_of(key, partitions[topic]))
            filling = batches[place]
            if not filling or not filling[-1].append(timestamp=None, key=key, value=value, headers=headers):
                filling.append(kafka.create_batch())
                filling[-1].append(timestamp=None, key=key, value=value, headers=headers)
        return batches

    async def _throw_away(self) -> None:
        if self._kafka is not None:
            kafka, self._kafka = self._kafka, None
            await throw_away(kafka)
