"""A backlog on a topic, taken by our own loop in batches, or by FastStream with a transaction for each message."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.middlewares import AckPolicy

from chassis.bus import topics, wire
from chassis.bus.kafka import KafkaCarrier, KafkaSettings
from chassis.bus.listening import Listener
from chassis.bus.topics import Topic
from chassis.clock import new_id
from chassis.inbox import Consumer
from chassis.message import Message
from chassis.service import Service

if TYPE_CHECKING:
    from chassis.bus.dead_letters import DeadLetters
    from chassis.bus.wire import Received
    from chassis.db import Database

SERVICE = "booking"
"""Whose facts they are."""
PARTITIONS = 12
PATIENCE_SECONDS = 240.0


class Timed(Consumer):
    """Notes when it began with the first message and when the last of them had taken effect."""

    def __init__(self, db: "Database", service: Service, *, until: int) -> None:
        super().__init__(db, service.subscriptions, name=service.name)
        self._left = until
        self._size = until
        self._begun = 0.0
        self._done: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def handle(self, messages: Sequence[Message], *, dead_letters: "DeadLetters | None" = None) -> None:
        self._begun = self._begun or time.perf_counter()
        await super().handle(messages, dead_letters=dead_letters)
        self._left -= len(messages)
        if not self._left:
            self._done.set_result(time.perf_counter())

    async def rate(self) -> float:
        """Messages a second, once all of them were taken."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return self._size / (await self._done - self._begun)


@dataclass(frozen=True, slots=True)
class Backlogs:
    """Topics that are filled with messages before anybody listens; each is for one round."""

    db: "Database"
    service: Service
    kafka: KafkaSettings
    make: Callable[[], Message]

    async def ours(self, count: int) -> float:
        settings, consumer = await self._filled(count)
        listener = Listener(consumer, settings, topics=[SERVICE])
        running = asyncio.create_task(listener.run())
        try:
            return await consumer.rate()
        finally:
            listener.stop()
            await running

    async def framework(self, count: int) -> float:
        settings, consumer = await self._filled(count)
        broker = KafkaBroker(settings.bootstrap_servers, logger=None)

        @broker.subscriber(
            settings.topic(SERVICE), group_id=settings.prefix, auto_offset_reset="earliest", ack_policy=AckPolicy.ACK
        )
        async def _(message: KafkaMessage) -> None:
            await consumer.handle([wire.decode(cast("Received", message.raw_message))])

        await broker.start()
        try:
            return await consumer.rate()
        finally:
            await broker.stop()

    async def _filled(self, count: int) -> tuple[KafkaSettings, Timed]:
        """A topic of its own with so many messages on it, and who will take them."""
        settings = self.kafka.model_copy(update={"prefix": f"{self.kafka.prefix}{new_id().hex}-"})
        await topics.ensure(settings, [Topic(SERVICE, PARTITIONS, 1, message_bytes_max=1_000_000)])
        carrier = KafkaCarrier(settings, name="bench")
        try:
            for first in range(0, count, 500):
                await carrier.publish([self.make() for _ in range(min(500, count - first))])
        finally:
            await carrier.close()
        return settings, Timed(self.db, self.service, until=count)
