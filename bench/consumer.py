"""Row `consumer`: completed sessions take effect, a batch a transaction, beside a transaction for each message.

Once as they are handed over in this process, once off a topic of a real broker, beside FastStream.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import cycle

from aiokafka.structs import ConsumerRecord

from bench.brokers import broker
from bench.effects import OPEN, PRODUCTS
from bench.facts import PEN, session_completed
from bench.finding import Finding, Kind, Target, Unit
from bench.following import Backlogs
from bench.ground import Ground, ground
from bench.row import Bench, Row
from chassis import memory
from chassis.bus import wire
from chassis.bus.kafka import KafkaSettings
from chassis.bus.wire import Received
from chassis.clock import SystemClock
from chassis.inbox import Consumer
from chassis.service import Service
from contracts.booking import SessionCompleted
from tests.support.billing import message
from tests.support.chain import Clinic, a_treatment

BATCH = 500
CLINICS = 3
FLOOR = "the same messages and effects, a transaction for each"
FRAMEWORK = "the same off the topic by FastStream, a transaction and a committed offset for each"
EFFECTS = {
    "billing": "an account, a visit, an invoice, a settlement, a journal of two entries and a fact each",
    "inventory": f"a consumption, {PRODUCTS} movements out of lots, their levels and a fact each",
}


async def measure(bench: Bench) -> Sequence[Finding]:
    stands = ground(bench)
    found: list[Finding] = []
    services = [await stands.migrated(name) for name in ("billing", "inventory")]
    kafka = await broker(bench, [])
    for service in services:
        found += await _measured(stands, service, kafka)
    return found


ROW = Row("consumer", measure)


async def _measured(stands: Ground, service: Service, kafka: KafkaSettings | None) -> list[Finding]:
    db, now = stands.database(service), SystemClock().now()
    consumer = Consumer(db, service.subscriptions, name=service.name)
    clinics = [Clinic() for _ in range(CLINICS)]
    await consumer.handle([message(fact) for fact in (*(clinic.told() for clinic in clinics), a_treatment(PEN))])
    await OPEN[service.name](db, [clinic.id for clinic in clinics], at=now - timedelta(days=30))
    await stands.settle(service)
    memory.settle()  # as a process does before it takes work
    many, few = stands.bench.sized(20, 1_000, 10_000), stands.bench.sized(4, 50, 400)
    sessions = cycle(clinics)

    async def round_of(count: int, *, batch: int) -> float:
        records = [_record(session_completed(next(sessions), at=now)) for _ in range(count)]
        begun = time.perf_counter()
        for first in range(0, count, batch):
            await consumer.handle([wire.decode(record) for record in records[first : first + batch]])
        return count / (time.perf_counter() - begun)

    async def ours() -> float:
        return await round_of(many, batch=BATCH)

    async def floor() -> float:
        return await round_of(few, batch=1)

    await ours()
    pair = await stands.bench.in_turn(ours, floor)
    what = f"{service.name} takes completed sessions: {EFFECTS[service.name]}"
    found = [pair.finding(what, Unit.PER_SECOND, floor_is=FLOOR, target=Target(kind=Kind.FIGURE, least=5_000))]
    if kafka:
        backlogs = Backlogs(db, service, kafka, lambda: message(session_completed(next(sessions), at=now)))
        pair = await stands.bench.in_turn(partial(backlogs.ours, many), partial(backlogs.framework, few))
        target = Target(kind=Kind.RATIO, least=8)
        what = f"{service.name}, the same off a topic"
        found.append(pair.finding(what, Unit.PER_SECOND, floor_is=FRAMEWORK, target=target))
    return found


def _record(fact: SessionCompleted) -> Received:
    """As it comes off the topic."""
    sent = wire.encode(message(fact))
    headers = tuple((name, value or b"") for name, value in sent.headers)
    return ConsumerRecord(sent.topic, 0, 0, 0, 0, sent.key, sent.value, None, 0, 0, headers)
