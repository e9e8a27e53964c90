"""Workers that freeze, come and go, hear everything again, or have the wrong time, while two desks work."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from chassis.relay import RELAY_LOCK
from contracts.catalog import PARTITIONS, heard_by
from processes.layout import free_ports
from tests.chaos.aftermath import everything_has_followed
from tests.chaos.test_outages import Clinic, dose, unnoticed
from tests.support import checks, skewed
from tests.support.processes import PATIENCE_SECONDS, WORKERS, Processes
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(900)
LISTENERS = ("billing", "inventory", "notifications", "audit")


@asynccontextmanager
async def a_second(site: Processes, name: str) -> AsyncIterator["asyncio.subprocess.Process"]:
    """Another worker of the same kind, ready to work."""
    (port,) = free_ports(1)
    beside = await site.run_beside(name, port=port)
    try:
        await eventually(lambda: site.answers(port), patience=PATIENCE_SECONDS)
        yield beside
    finally:
        with suppress(ProcessLookupError):
            beside.kill()
        await beside.wait()


@pytest.mark.fault("F2", dose="SIGSTOP of a consumer for 15 s, another beside it", holds="I2 I3 I4 I6")
async def test_a_consumer_is_a_zombie_for_fifteen_seconds(site: Processes, clinic: Clinic, since: datetime) -> None:
    async with a_second(site, "billing-worker"), unnoticed(clinic, site, since):
        await frozen(site, "billing-worker", seconds=15)


@pytest.mark.fault("F2", dose="SIGSTOP of the leading relay for 60 s, another beside it", holds="I1 I2 I3 I4 I22")
async def test_a_leading_relay_is_a_zombie_for_a_minute(site: Processes, clinic: Clinic, since: datetime) -> None:
    async with a_second(site, "booking-worker"), unnoticed(clinic, site, since):
        site.send("booking-worker", signal.SIGSTOP)
        try:
            await dose(45)  # one that was frozen while it sent keeps its rows for thirty
            before = await published(site)
            await dose(15)
            assert await published(site) > before, await leading(site)
        finally:
            site.send("booking-worker", signal.SIGCONT)


LEADING = """
    SELECT format('%s is %s on %s for %s; %s facts wait', l.pid, state, wait_event, now() - state_change,
                  (SELECT count(*) FROM outbox WHERE published_at IS NULL))
    FROM pg_locks l JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
      AND (classid::bigint << 32) + objid::bigint = $1
"""


async def leading(site: Processes) -> str:
    """Who holds the relay's lock, and what it is at: for whoever looks into a failure."""
    connection = await site.connect("booking")
    try:
        return f"the other one did not take the lead: {await connection.fetchval(LEADING, RELAY_LOCK)}"
    finally:
        await connection.close()


async def published(site: Processes) -> int:
    connection = await site.connect("booking")
    try:
        return int(await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NOT NULL"))
    finally:
        await connection.close()


async def frozen(site: Processes, name: str, *, seconds: float) -> None:
    site.send(name, signal.SIGSTOP)
    try:
        await dose(seconds)
    finally:
        site.send(name, signal.SIGCONT)


@pytest.mark.fault("F7", dose="a member joins or is killed every 3 s, for 45 s", holds="I2 I3 I4 I6 I12")
async def test_members_come_and_go_every_three_seconds(site: Processes, clinic: Clinic, since: datetime) -> None:
    async with unnoticed(clinic, site, since):
        beside: list[asyncio.subprocess.Process] = []
        for turn in range(15):
            if beside and turn % 2:
                leaver = beside.pop(0)
                leaver.kill()
                await leaver.wait()
            else:
                beside.append(await site.run_beside("inventory-worker", port=free_ports(1)[0]))
            await dose(3)
        for each in beside:
            each.terminate()
            await each.wait()


@pytest.mark.fault(
    "F14", dose="a worker of each service wrong by 5 min, an hour, a day, then right again", holds="I2 I3 I4 I6 I12 I13"
)
async def test_clocks_of_workers_are_wrong_and_then_jump_back(site: Processes, clinic: Clinic, since: datetime) -> None:
    async with unnoticed(clinic, site, since):
        for name, wrong_by in (("billing-worker", 300), ("inventory-worker", -3600), ("audit-worker", -86_400)):
            async with site.without(name):
                stand_in = await site.run_beside(name, skewed.__name__, told={skewed.VARIABLE: str(wrong_by)})
                await site.until_ready(name)
                await dose(5)
                stand_in.terminate()
                await stand_in.wait()


@pytest.mark.fault("F14", dose="an api ahead by 25 s, then behind by 25 s", holds="I15 I16")
@pytest.mark.parametrize("wrong_by", [25, -25])
async def test_an_api_whose_clock_is_wrong_by_less_than_half_a_minute_takes_tokens(
    site: Processes, clinic: Clinic, wrong_by: int
) -> None:
    async with site.without("booking-api"):
        stand_in = await site.run_beside("booking-api", skewed.__name__, told={skewed.VARIABLE: str(wrong_by)})
        await site.until_ready("booking-api")
        before = clinic[0][0].met.copy()
        for _ in range(3):
            await clinic[0][0].get("booking", "/locations")
        stand_in.terminate()
        await stand_in.wait()

    assert clinic[0][0].met == before


@pytest.mark.fault("F23", dose="every topic read from its beginning again by all", holds="I3 I6 I7 I8 I9 I12 I13")
async def test_every_topic_is_read_again_by_everybody(site: Processes, clinic: Clinic, since: datetime) -> None:
    async with unnoticed(clinic, site, since):
        await dose(3)
    effects = await everything(site)

    async with site.without(*WORKERS):
        for service in LISTENERS:
            await from_the_beginning(site, service)
    await eventually(lambda: has_read_all(site), patience=PATIENCE_SECONDS)

    await everything_has_followed(site, since)
    assert await checks.violations(site.connect) == {}
    assert await everything(site) == effects


EFFECTS = {
    "billing": "SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM settlement)",
    "inventory": "SELECT count(*) FROM movement",
    "notifications": "SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM recall)",
    "audit": "SELECT count(*) FROM event WHERE type LIKE 'booking.%'",  # timers go on making facts of their own
}


async def everything(site: Processes) -> dict[str, int]:
    """How much there is of what follows from facts."""
    found = {}
    for service, query in EFFECTS.items():
        connection = await site.connect(service)
        found[service] = int(await connection.fetchval(query))
        await connection.close()
    return found


@asynccontextmanager
async def in_the_place_of(
    site: Processes, service: str
) -> AsyncIterator[tuple[AIOKafkaConsumer, list[TopicPartition]]]:
    """Speaks for the group of this service, of which nobody may be listening when something is told."""
    servers = site.entry(f"{service}-worker")["environment"]["NEEDLEPOINT_KAFKA_BOOTSTRAP_SERVERS"]
    reader = AIOKafkaConsumer(bootstrap_servers=servers, group_id=service, enable_auto_commit=False)
    await reader.start()
    try:
        topics = sorted({fact.topic() for fact in heard_by(service)})
        places = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        reader.assign(places)
        yield reader, places
    finally:
        await reader.stop()


async def from_the_beginning(site: Processes, service: str) -> None:
    async with in_the_place_of(site, service) as (reader, places):
        await reader.commit(dict.fromkeys(places, 0))


async def has_read_all(site: Processes) -> bool:
    """Whether every group has told the broker that it is at the end."""
    for service in LISTENERS:
        async with in_the_place_of(site, service) as (reader, places):
            ends = await reader.end_offsets(places)
            told = [await reader.committed(place) or 0 for place in places]
            if any(offset < ends[place] for offset, place in zip(told, places, strict=True)):
                return False
    return True
