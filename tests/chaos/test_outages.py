"""Long outages while two desks complete visit after visit: they notice nothing, and what must follow follows once."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from tests.chaos.aftermath import nothing_is_lost_or_doubled
from tests.chaos.clinics import Lane
from tests.chaos.desks import Acknowledged, at_work
from tests.chaos.insisting import Insistent
from tests.support import checks, kafka
from tests.support.processes import APIS, KAFKA, PATIENCE_SECONDS, WORKERS, Processes
from tests.support.waiting import eventually

Clinic = tuple[list[Insistent], list[Lane]]
pytestmark = pytest.mark.timeout(900)
NOTICED_SECONDS = 10.0
"""An answer that takes so long is noticed at the desk, on a machine as busy as this."""


async def dose(seconds: float) -> None:
    """How long a fault lasts; not a wait for anything."""
    await asyncio.sleep(seconds)


def must_be_ours(site: Processes) -> None:
    if not site.has_broker():
        pytest.skip(f"the broker is not ours to kill ({kafka.told()})")


def met(clinic: Clinic) -> Counter[str]:
    """What the desks had to ask again for."""
    return sum((desk.met for desk in clinic[0]), Counter())


@asynccontextmanager
async def unnoticed(clinic: Clinic, site: Processes, since: datetime) -> AsyncIterator[None]:
    """The desks work during the block and after; nobody there is refused anything or kept waiting."""
    before = met(clinic)
    async with at_work(*clinic) as said:
        await some_visits(said)
        yield
        await some_visits(said)
    await nothing_is_lost_or_doubled(site, said, since)
    assert met(clinic) == before
    assert said.longest_seconds < NOTICED_SECONDS


async def some_visits(said: Acknowledged) -> None:
    """Until two more are completed."""
    wanted = len(said.completed) + 2

    async def are_completed() -> bool:
        return len(said.completed) >= wanted

    await eventually(are_completed, patience=PATIENCE_SECONDS)


@pytest.mark.fault("F4", dose="kill -9, away for 30 s while visits are completed", holds="I1 I2 I3 I6 I12 I15 I22")
async def test_the_broker_is_away_for_thirty_seconds(site: Processes, clinic: Clinic, since: datetime) -> None:
    must_be_ours(site)

    async def somebody_tells() -> bool:
        return "relay" in (await site.all_stuck()).get("booking-worker", ())

    async with unnoticed(clinic, site, since):
        async with site.without(KAFKA, told=signal.SIGKILL):
            await dose(30)
            await eventually(somebody_tells, patience=60)
            apis = [await site.stuck(name) for name in APIS]
        assert apis == [[]] * len(APIS)

    await eventually(lambda: is_well(site), patience=PATIENCE_SECONDS)


async def is_well(site: Processes) -> bool:
    return not await site.all_stuck()


@pytest.mark.fault("F5", dose="SIGSTOP for 30 s, five sessions, while visits are completed", holds="I1 I2 I3 I6 I15")
async def test_the_broker_is_frozen_for_thirty_seconds(site: Processes, clinic: Clinic, since: datetime) -> None:
    must_be_ours(site)

    async with unnoticed(clinic, site, since):
        site.send(KAFKA, signal.SIGSTOP)
        try:
            await dose(30)
        finally:
            site.send(KAFKA, signal.SIGCONT)

    await eventually(lambda: is_well(site), patience=PATIENCE_SECONDS)


@pytest.mark.fault("F1", dose="inventory away for a minute while visits are completed", holds="I1 I2 I3 I6 I12 I15")
async def test_a_service_is_away_for_a_minute(site: Processes, clinic: Clinic, since: datetime) -> None:
    async with unnoticed(clinic, site, since), site.without("inventory-api", "inventory-worker"):
        await dose(60)
        waiting = await checks.undelivered(site.connect, since=since)
        assert waiting["inventory"] > 0


@pytest.mark.fault("F10", dose="one database closed for 20 s, its connections ended", holds="I1 I2 I3 I6 I8 I15")
async def test_one_database_is_away_for_a_while(site: Processes, clinic: Clinic, since: datetime) -> None:
    connection = await site.connect("postgres")
    try:
        async with unnoticed(clinic, site, since):
            await connection.execute("ALTER DATABASE notifications ALLOW_CONNECTIONS false")
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'notifications'"
            )
            await dose(20)
            await connection.execute("ALTER DATABASE notifications ALLOW_CONNECTIONS true")
    finally:
        await connection.execute("ALTER DATABASE notifications ALLOW_CONNECTIONS true")
        await connection.close()


@pytest.mark.fault("F12", dose="the table of settlements locked for writing, 30 s", holds="I1 I2 I3 I6 I15")
async def test_a_table_is_locked_for_thirty_seconds(site: Processes, clinic: Clinic, since: datetime) -> None:
    connection = await site.connect("billing")
    try:
        async with unnoticed(clinic, site, since), connection.transaction():
            await connection.execute("LOCK TABLE settlement IN EXCLUSIVE MODE")
            await dose(30)
    finally:
        await connection.close()


@pytest.mark.fault("F10", dose="SIGQUIT to PostgreSQL (pg_ctl -m immediate), twice", holds="I1 I2 I3 I6 I8 I15 I16")
async def test_postgresql_is_restarted_at_once(site: Processes, clinic: Clinic, since: datetime) -> None:
    async with at_work(*clinic) as said:
        for _ in range(2):
            await some_visits(said)
            site.end_postgres()
            await dose(10)

    await nothing_is_lost_or_doubled(site, said, since)


@pytest.mark.fault("F1", dose="SIGTERM to each worker under load, SIGKILL 50 ms later", holds="I1 I2 I3 I4 I6 I12 I15")
async def test_workers_are_killed_while_they_stop(site: Processes, clinic: Clinic, since: datetime) -> None:
    async with unnoticed(clinic, site, since):
        for name in WORKERS:
            pid = site.send(name, signal.SIGTERM)
            await dose(0.05)
            site.send(name, signal.SIGKILL)
            await site.back(name, other_than=pid)
