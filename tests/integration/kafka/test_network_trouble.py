"""The network between us and the broker, and between us and the database, is cut: nothing is lost or doubled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chassis.db import Database
from chassis.inbox import Consumer
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from tests.integration.kafka.desk import Desk
from tests.integration.kafka.test_broker_trouble import make_many
from tests.integration.kafka.test_groups import in_order
from tests.support import marks
from tests.support.databases import Detoured, TestCluster
from tests.support.network import Link
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(120)
FAULTS = ("cut", "answers lost", "resets", "slices", "slow")
PUBLISH_SECONDS, FAULT_SECONDS = 1.5, 2.0
"""Longer than a send is waited for."""


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[None]:
    """This relay, at work in the background."""
    running = asyncio.create_task(relay.run())
    yield
    relay.stop()
    await running


async def out_of_order(link: Link, fault: str) -> None:
    """What this fault does to a network for some seconds."""
    match fault:
        case "cut":
            link.cut()
        case "answers lost":
            link.cut(there=False)
        case "resets":
            for _ in range(5):
                link.reset()
                await asyncio.sleep(0.2)
        case "slices":
            link.slice_bytes = 7
        case "slow":
            link.delay_seconds = 0.2
    await asyncio.sleep(FAULT_SECONDS)


@pytest.mark.fault("F8 F5", dose="broker: cut, one way, resets, slices of 7 bytes, slow; 2 s each", holds="I2 I3 I4")
async def test_whatever_the_network_to_the_broker_does_facts_arrive_once_and_in_order(desk: Desk, link: Link) -> None:
    through = {"bootstrap_servers": f"127.0.0.1:{link.port}", "publish_seconds": PUBLISH_SECONDS}
    desk.bus.listen(desk.consumer(), poll_records=10, **through)
    told: list[str] = []
    async with relaying(Relay(desk.db, desk.bus.carrier(**through), poll_seconds=0.05)):
        for number, fault in enumerate(FAULTS):
            told += await make_many(desk, range(100 * number, 100 * number + 10))
            made = asyncio.create_task(make_many(desk, range(100 * number + 10, 100 * number + 20)))
            await out_of_order(link, fault)
            link.heal()
            told += await made

        await eventually(desk.has_heard(*told), patience=60)

    assert in_order(await desk.heard())
    assert await desk.unpublished() == 0
    assert await desk.parked() == []
    assert link.carried > len(FAULTS), "nothing came this way"


@pytest.fixture
async def to_database(test_cluster: TestCluster) -> AsyncIterator[Link]:
    async with Link(test_cluster.socket) as link:
        yield link


@pytest.fixture
async def far(desk: Desk, test_cluster: TestCluster, to_database: Link) -> AsyncIterator[Database]:
    """The database of the marks service, by way of the link."""
    name = str(desk.db.engine.url.database)
    url = Detoured(test_cluster, port=to_database.port).url("marks", name)
    db = Database(ServiceSettings.model_validate({"database_url": url, "lock_timeout_ms": 300}), name="marks")
    yield db
    await db.close()


@pytest.mark.fault("F8", dose="database: cut, one way, resets, slices of 7 bytes, slow; 2 s each", holds="I2 I3 I4")
async def test_whatever_the_network_to_the_database_does_facts_take_effect_once_and_in_order(
    desk: Desk, far: Database, to_database: Link
) -> None:
    desk.bus.listen(Consumer(far, {marks.MarkMade: marks.on_mark_made}, name="marks"), poll_records=10)
    told: list[str] = []
    async with relaying(Relay(far, desk.bus.carrier(), poll_seconds=0.05)):
        for number, fault in enumerate(FAULTS):
            told += await make_many(desk, range(100 * number, 100 * number + 10))
            await out_of_order(to_database, fault)
            to_database.heal()

        await eventually(desk.has_heard(*told), patience=60)

    assert in_order(await desk.heard())
    assert await desk.parked() == []


@pytest.mark.fault("F9", dose="the connection of a consumer, then of a relay, cut after COMMIT", holds="I2 I3")
async def test_whether_a_commit_was_done_or_not_a_fact_takes_effect_once(
    desk: Desk, far: Database, to_database: Link
) -> None:
    desk.bus.listen(Consumer(far, {marks.MarkMade: marks.on_mark_made}, name="marks"))
    await desk.tell("before")
    await eventually(desk.has_heard("before"))

    to_database.lose_the_answer_to(b"COMMIT")
    await desk.tell("taken")
    await eventually(desk.has_heard("before", "taken"))
    lost_by_consumer = to_database.has_lost_it
    await desk.make("relayed")
    to_database.lose_the_answer_to(b"COMMIT")
    async with relaying(Relay(far, desk.bus.carrier(), poll_seconds=0.05)):
        await eventually(desk.has_heard("before", "taken", "relayed"))

    assert lost_by_consumer
    assert to_database.has_lost_it
    assert len(await desk.bus.records()) == 3
