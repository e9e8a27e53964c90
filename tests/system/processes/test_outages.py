"""Parts of the system are away for a while: the desk goes on, and what must follow follows afterwards, once."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from tests.support import checks, kafka
from tests.support.processes import APIS, KAFKA, PATIENCE_SECONDS, WORKERS, Processes
from tests.support.story import Story
from tests.support.waiting import eventually

DESKS = 3


@pytest.fixture
def since() -> datetime:
    return datetime.now(UTC)


async def everything_happened_once(site: Processes, since: datetime) -> None:
    await site.settled(since=since)
    assert await checks.violations(site.connect) == {}


@asynccontextmanager
async def desks_at_work(story: Story) -> AsyncIterator[list[str]]:
    """Several desks complete visit after visit as long as the block lasts; what it yields are those completed."""
    completed: list[str] = []
    closing = asyncio.Event()

    async def work() -> None:
        while not closing.is_set():
            completed.append((await story.one_visit(package=False)).appointment_id)

    async with asyncio.TaskGroup() as desks:
        for _ in range(DESKS):
            desks.create_task(work())
        yield completed
        closing.set()


@pytest.mark.fault("F4", dose="kill -9, away for longer than a session, a visit meanwhile", holds="I2 I3 I6 I12 I22")
@pytest.mark.timeout(600)
async def test_while_the_broker_is_away_the_desk_notices_nothing_and_health_says_so(
    site: Processes, story: Story, since: datetime
) -> None:
    if not site.has_broker():
        pytest.skip(f"the broker is not ours to kill ({kafka.told()}), so its outage stays unproved here")

    async def workers_tell() -> bool:
        """Whether the one that has facts to relay and one that only listens say what is stuck."""
        stuck = await site.all_stuck()
        return "relay" in stuck.get("booking-worker", ()) and "listener" in stuck.get("audit-worker", ())

    async with site.without(KAFKA, told=signal.SIGKILL):
        before = await story.one_visit(package=False)
        await eventually(workers_tell, patience=PATIENCE_SECONDS)  # longer than any session lasts
        after = await story.one_visit(package=False)
        apis = [await site.stuck(name) for name in APIS]

    await everything_happened_once(site, since)
    for visit in (before, after):
        await story.has_settled(visit)
    assert apis == [[]] * len(APIS)
    await eventually(lambda: is_well(site), patience=PATIENCE_SECONDS)


async def is_well(site: Processes) -> bool:
    return not await site.all_stuck()


@pytest.mark.fault("F1", dose="billing stopped, a visit meanwhile", holds="I2 I3 I6")
@pytest.mark.timeout(600)
async def test_while_a_service_is_away_the_others_go_on_and_it_catches_up(
    site: Processes, story: Story, since: datetime
) -> None:
    async def only_billing_waits() -> dict[str, int] | None:
        waiting = await checks.undelivered(site.connect, since=since)
        return waiting if waiting.keys() == {"billing"} else None

    async with site.without("billing-api", "billing-worker"):
        visit = await story.one_visit(package=False)
        waiting = await eventually(only_billing_waits, patience=PATIENCE_SECONDS)

    await everything_happened_once(site, since)
    await story.has_settled(visit)
    assert waiting["billing"] > 0


@pytest.mark.fault("F1", dose="kill -9 of every worker under load", holds="I1 I2 I3 I6 I12 I15")
@pytest.mark.timeout(600)
async def test_workers_that_are_killed_one_after_the_other_lose_nothing(
    site: Processes, story: Story, since: datetime
) -> None:
    async with desks_at_work(story) as completed:
        for name in WORKERS:
            pid = site.send(name, signal.SIGKILL)
            await site.back(name, other_than=pid)

    await everything_happened_once(site, since)
    assert len(completed) >= DESKS
    assert set(completed) <= await completed_visits(site)


async def completed_visits(site: Processes) -> set[str]:
    connection = await site.connect("booking")
    try:
        return {
            str(row["id"]) for row in await connection.fetch("SELECT id FROM appointment WHERE status = 'completed'")
        }
    finally:
        await connection.close()


@pytest.mark.fault("F1", dose="SIGTERM to every process", holds="I1 I2 I3")
@pytest.mark.timeout(600)
async def test_everybody_finishes_what_they_are_at_when_told_to_stop(
    site: Processes, story: Story, since: datetime
) -> None:
    await story.one_visit(package=False)
    names = [*APIS, *WORKERS, "web"]
    stopped = {name: goodbyes(site, name) for name in names}

    pids = {name: site.send(name, signal.SIGTERM) for name in names}
    await eventually(lambda: all_said_goodbye(site, stopped), patience=10)

    for name, pid in pids.items():
        await site.back(name, other_than=pid)
    await everything_happened_once(site, since)


def goodbyes(site: Processes, name: str) -> int:
    """How often it has ended in order."""
    return sum(line["event"] == "process.stopped" for line in site.log_of(name))


async def all_said_goodbye(site: Processes, before: dict[str, int]) -> bool:
    return all(goodbyes(site, name) == count + 1 for name, count in before.items())
