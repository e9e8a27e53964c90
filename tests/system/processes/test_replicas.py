"""Two workers of each service at once: they share the facts, one of them relays, and nothing happens twice."""

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chassis.relay import RELAY_LOCK
from contracts.catalog import PARTITIONS, heard_by
from processes.layout import free_ports
from tests.support import checks
from tests.support.processes import PATIENCE_SECONDS, SERVICES, WORKERS, Processes
from tests.support.story import Story
from tests.support.waiting import eventually

LEADERS = """
    SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
      AND (classid::bigint << 32) + objid::bigint = $1
"""
LISTENERS = ("billing", "inventory", "notifications", "audit")


@pytest.fixture
async def seconds(site: Processes) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """A second worker of each service."""
    workers = [
        await site.run_beside(name, port=port) for name, port in zip(WORKERS, free_ports(len(WORKERS)), strict=True)
    ]
    yield workers
    for worker in workers:
        worker.terminate()
    for worker in workers:
        await worker.wait()


async def share(site: Processes) -> bool:
    """Whether in every service two listeners have all partitions between them."""
    return all(between_two(site, service) for service in LISTENERS)


def between_two(site: Processes, service: str) -> bool:
    lines = site.log_of(f"{service}-worker")
    assigned = [line["count"] for line in lines if line["event"] == "partitions.assigned"][-2:]
    topics = {fact.topic() for fact in heard_by(service)}
    return len(assigned) == 2 and min(assigned) > 0 and sum(assigned) == len(topics) * PARTITIONS


async def leaders(site: Processes) -> list[int]:
    found = []
    for service in SERVICES:
        connection = await site.connect(service)
        found.append(await connection.fetchval(LEADERS, RELAY_LOCK))
        await connection.close()
    return found


@pytest.mark.fault("F3 F7", dose="two workers of each service, the first ones killed", holds="I3 I4 I6 I12")
@pytest.mark.timeout(600)
async def test_two_workers_of_each_service_share_the_work_and_double_nothing(
    site: Processes, story: Story, seconds: list[asyncio.subprocess.Process]
) -> None:
    since = datetime.now(UTC)
    await eventually(lambda: share(site), patience=PATIENCE_SECONDS)

    visits = [await story.one_visit(package=package) for package in (True, False)]
    leading = await leaders(site)
    pids = {name: site.send(name, signal.SIGKILL) for name in WORKERS}
    visits += [await story.one_visit(package=False)]
    for name, pid in pids.items():
        await site.back(name, other_than=pid)

    await site.settled(since=since)
    for visit in visits:
        await story.has_settled(visit)
    assert await checks.violations(site.connect) == {}
    assert leading == [1] * len(SERVICES)
