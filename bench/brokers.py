"""A Kafka for the rows that need one: the same that the tests would use, with topics of this row's own."""

import asyncio
from collections.abc import Iterable

from bench.row import Bench
from chassis.bus import topics
from chassis.bus.kafka import KafkaSettings
from chassis.bus.topics import Topic
from tests.support import kafka

PARTITIONS = 12


async def broker(bench: Bench, names: Iterable[str]) -> KafkaSettings | None:
    """How it is spoken to; None where there is none, or only an imitation that keeps nothing."""
    real = [kind for kind in kafka.kinds() if kind != "imitation"]
    if not real:
        bench.tell(kafka.told())
        return None
    bench.tell("starting Kafka")
    started = await asyncio.to_thread(kafka.started, real)
    bench.stack.callback(started.close)
    settings = KafkaSettings(bootstrap_servers=started.address, prefix=f"{bench.folder.name}-")
    wanted = [Topic(each, PARTITIONS, 1, message_bytes_max=1_000_000) for each in names]
    await topics.ensure(settings, wanted)
    return settings
