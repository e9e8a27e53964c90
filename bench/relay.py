"""Row `relay`: a backlog of facts leaves the outbox, beside rows read, sent and marked by asyncpg and aiokafka."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import asyncpg
from aiokafka import AIOKafkaProducer

from bench.brokers import broker
from bench.facts import session_completed
from bench.finding import Finding, Kind, Target, Unit
from bench.ground import ground
from bench.row import Bench, Row
from chassis import memory
from chassis.bus import Carrier
from chassis.bus.kafka import KafkaCarrier, KafkaSettings
from chassis.bus.local import LocalCarrier
from chassis.clock import SystemClock
from chassis.db import Database
from chassis.inbox import Consumer
from chassis.outbox import emit
from chassis.relay import Relay

BATCH = 500
TARGET = Target(kind=Kind.FIGURE, least=20_000)
READ = """
    SELECT id, aggregate_id::text, headers::text, payload::text FROM outbox
     WHERE published_at IS NULL ORDER BY id LIMIT $1 FOR UPDATE
    """
MARK = "UPDATE outbox SET published_at = now() WHERE id = ANY ($1::bigint[])"
FILL = """
    INSERT INTO outbox (message_id, aggregate_type, aggregate_id, aggregate_version, topic, type, payload, headers)
    SELECT new.id, aggregate_type, new.thing, aggregate_version, topic, type, payload,
           headers || jsonb_build_object('id', new.id, 'aggregateid', new.thing)
      FROM outbox, LATERAL (SELECT uuidv7() AS id, uuidv7() AS thing FROM generate_series(1, $1)) AS new
     WHERE outbox.id = (SELECT min(id) FROM outbox)
    """
Send = Callable[[Sequence[asyncpg.Record]], Awaitable[None]]


async def measure(bench: Bench) -> Sequence[Finding]:
    stands = ground(bench)
    service = await stands.migrated("booking")
    db = stands.database(service)
    async with db.transaction() as tx:
        emit(tx, session_completed(at=SystemClock().now() - timedelta(minutes=1)))
    memory.settle()  # as a process does before it takes work
    backlog = Backlog(bench, db, await stands.bare(service))
    found = [await _to_nobody(backlog)]
    if settings := await broker(bench, ["booking"]):
        found.append(await _over_kafka(backlog, settings))
    return found


ROW = Row("relay", measure)


class Backlog:
    """As many facts as a round sends; each round begins with as many."""

    def __init__(self, bench: Bench, db: Database, connection: asyncpg.Connection) -> None:
        self.bench = bench
        self.db = db
        self._connection = connection
        self._size = bench.sized(500, 5_000, 40_000)

    async def compared(self, carrier: Carrier, send: Send, *, what: str, floor_is: str) -> Finding:
        relay = Relay(self.db, carrier, batch=BATCH)

        async def ours() -> float:
            return await self._rate(relay.drain)

        async def floor() -> float:
            return await self._rate(lambda: self._drained_bare(send))

        await ours()  # statements are prepared, brokers are known
        found = await self.bench.in_turn(ours, floor)
        return found.finding(what, Unit.PER_SECOND, floor_is=floor_is, target=TARGET)

    async def _rate(self, drain: Callable[[], Awaitable[object]]) -> float:
        """How many facts a second it takes out of the outbox."""
        await self._connection.execute(FILL, self._size)
        begun = time.perf_counter()
        await drain()
        seconds = time.perf_counter() - begun
        if left := await self._connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"):
            raise AssertionError(f"{left} facts are still there")
        return self._size / seconds

    async def _drained_bare(self, send: Send) -> None:
        """Read, send, mark; a transaction a batch, nothing else."""
        while True:
            async with self._connection.transaction():
                rows = await self._connection.fetch(READ, BATCH)
                if not rows:
                    return
                await send(rows)
                await self._connection.execute(MARK, [row[0] for row in rows])


async def _to_nobody(backlog: Backlog) -> Finding:
    async def nowhere(_: Sequence[asyncpg.Record]) -> None: ...

    carrier = LocalCarrier()
    carrier.subscribe(Consumer(backlog.db, {}, name="nobody"))
    what = "relay a backlog in the process, to a consumer that does nothing"
    return await backlog.compared(carrier, nowhere, what=what, floor_is="the same rows, read and marked by asyncpg")


async def _over_kafka(backlog: Backlog, settings: KafkaSettings) -> Finding:
    carrier = KafkaCarrier(settings, name="bench")
    backlog.bench.stack.push_async_callback(carrier.close)
    bare = BareProducer(settings)
    await bare.start()
    backlog.bench.stack.push_async_callback(bare.kafka.stop)
    floor_is = "the same rows, read and marked by asyncpg, sent by aiokafka with one header"
    return await backlog.compared(carrier, bare.send, what="relay a backlog to Kafka", floor_is=floor_is)


class BareProducer:
    """What the client can do with whole batches."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._topic = settings.topic("booking")
        self.kafka = AIOKafkaProducer(
            bootstrap_servers=settings.bootstrap_servers, enable_idempotence=True, acks="all", max_batch_size=500_000
        )
        self._partitions = 0

    async def start(self) -> None:
        await self.kafka.start()
        self._partitions = len(await self.kafka.partitions_for(self._topic))

    async def send(self, rows: Sequence[asyncpg.Record]) -> None:
        batches = [self.kafka.create_batch() for _ in range(self._partitions)]
        for _, thing, headers, payload in rows:
            batches[hash(thing) % self._partitions].append(
                timestamp=None, key=thing.encode(), value=payload.encode(), headers=[("envelope", headers.encode())]
            )
        sent = [
            await self.kafka.send_batch(batch, self._topic, partition=number)
            for number, batch in enumerate(batches)
            if batch.record_count()
        ]
        await asyncio.gather(*sent)
