"""A test's own corner of a Kafka: topics under a prefix of its own, raw records in and out, and listeners that end."""

import asyncio
from itertools import count
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import ConsumerRecord, TopicPartition

from chassis.bus import topics
from chassis.bus.kafka import KafkaCarrier, KafkaSettings
from chassis.bus.listening import Listener
from chassis.bus.topics import Topic
from chassis.inbox import Consumer
from tests.support import kafka

PARTITIONS = 4
_numbers = count(1)
Records = list["ConsumerRecord[bytes, bytes]"]


class Bus:
    """Topics `marks` and `marks.dead-letters`, and whoever speaks on them."""

    def __init__(self, broker: kafka.Broker, *, run: str) -> None:
        self.broker = broker
        self.prefix = f"{run}{next(_numbers)}-"
        self._listening: list[tuple[Listener, asyncio.Task[None]]] = []
        self._carriers: list[KafkaCarrier] = []

    def settings(self, **changed: Any) -> KafkaSettings:
        """Short patience, so that a test need not have any."""
        quick = {
            "session_seconds": self.broker.session_seconds,
            "heartbeat_seconds": self.broker.session_seconds / 4,
            "rebalance_seconds": 10,
            "drain_seconds": 5,
            "request_seconds": 3,
            "publish_seconds": 4,
            "watch_seconds": 0.2,
        }
        here = {"bootstrap_servers": self.broker.address, "prefix": self.prefix}
        return KafkaSettings(**(here | quick | changed))

    async def create(self, *names: str) -> None:
        """These topics, else those of the marks service; they take more than we send, as a stranger's might."""
        wanted = names or ("marks", "marks.dead-letters")
        await topics.ensure(
            self.settings(), [Topic(name, PARTITIONS, 1, message_bytes_max=8_000_000) for name in wanted]
        )

    async def remove(self, name: str) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.broker.address)
        await admin.start()
        await admin.delete_topics([f"{self.prefix}{name}"])
        await admin.close()

    def carrier(self, **changed: Any) -> KafkaCarrier:
        carrier = KafkaCarrier(self.settings(**changed), name="marks")
        self._carriers.append(carrier)
        return carrier

    def listen(self, consumer: Consumer, **changed: Any) -> Listener:
        """Begin to listen in the background; ends with the test."""
        listener = Listener(consumer, self.settings(**changed), topics=["marks"])
        self._listening.append((listener, asyncio.create_task(listener.run())))
        return listener

    @property
    def listeners(self) -> list[Listener]:
        return [listener for listener, _ in self._listening]

    async def silence(self, listener: Listener) -> None:
        """Stop one listener as a process does, and wait until it has ended."""
        (found,) = [each for each in self._listening if each[0] is listener]
        self._listening.remove(found)
        listener.stop()
        await found[1]

    async def cut_off(self, listener: Listener) -> None:
        """End one listener as a crash does: without a goodbye to the group."""
        (found,) = [each for each in self._listening if each[0] is listener]
        self._listening.remove(found)
        found[1].cancel()
        await asyncio.wait({found[1]})

    async def put(self, *records: dict[str, Any], topic: str = "marks") -> None:
        """Write raw records, in their order."""
        producer = AIOKafkaProducer(bootstrap_servers=self.broker.address, max_request_size=8_000_000)
        await producer.start()
        try:
            for record in records:
                await producer.send_and_wait(f"{self.prefix}{topic}", **record)
        finally:
            await producer.stop()

    async def records(self, topic: str = "marks") -> Records:
        """Everything a topic holds, partition by partition."""
        async with self._reader() as reader:
            places = await self._places(reader, topic)
            ends = await reader.end_offsets(places)
            reader.assign([place for place in places if ends[place]])
            found: Records = []
            while len(found) < sum(ends.values()):
                batch = await reader.getmany(timeout_ms=1000)
                found += [record for records in batch.values() for record in records]
            return sorted(found, key=lambda record: (record.partition, record.offset))

    async def committed(self, group: str = "marks", topic: str = "marks") -> dict[int, int]:
        """How far a group is, by partition; partitions that it has not told of are left out."""
        async with self._reader(group_id=f"{self.prefix}{group}") as reader:
            places = await self._places(reader, topic)
            reader.assign(places)
            told = {place.partition: await reader.committed(place) for place in places}
        return {partition: offset for partition, offset in told.items() if offset is not None}

    async def ends(self, topic: str = "marks") -> dict[int, int]:
        async with self._reader() as reader:
            found = await reader.end_offsets(await self._places(reader, topic))
        return {place.partition: offset for place, offset in found.items() if offset}

    def _reader(self, **how: Any) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self.broker.address, enable_auto_commit=False, auto_offset_reset="earliest", **how
        )

    async def _places(self, reader: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
        name = f"{self.prefix}{topic}"
        partitions = await reader._client._wait_on_metadata(name)
        return [TopicPartition(name, partition) for partition in sorted(partitions)]

    async def close(self) -> None:
        for listener, _ in self._listening:
            listener.stop()
        for _, task in self._listening:
            await task
        for carrier in self._carriers:
            await carrier.close()
