"""An upgrade while the desks work: every service renewed, nothing refused, nothing lost, nothing twice (F22)."""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

import asyncpg
import pytest

from embedded.roster import ROSTER
from tests.support import checks
from tests.support.containers import Containers
from tests.support.site import Site
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.system.test_kill import Acknowledged, one_visit

RENEWED = [*ROSTER, *(f"{name}-worker" for name in ROSTER), "web"]
DESKS = 3
SECONDS_MAX = 1200


class Psql:
    """As much of a connection as the checks need, through the container: no port of PostgreSQL is published."""

    def __init__(self, containers: Containers, database: str) -> None:
        self._containers = containers
        self._database = database

    async def fetchval(self, query: str) -> str:
        return (await self.fetch(query))[0][0]

    async def fetch(self, query: str) -> list[list[str]]:
        told = await asyncio.to_thread(self._containers.sql, self._database, query)
        return [line.split("|") for line in told.splitlines()]

    async def close(self) -> None:
        pass


@pytest.mark.fault("F22", dose="every container renewed under load", holds="I1 I2 I3 I15")
@pytest.mark.timeout(SECONDS_MAX)
async def test_every_service_is_renewed_while_the_desks_work(containers: Containers, site: Site) -> None:
    said, evening = Acknowledged(), asyncio.Event()
    before = ids_of(containers, RENEWED)
    desks = [asyncio.create_task(work(site, said, evening)) for _ in range(DESKS)]
    await visits(said, more=DESKS)

    await asyncio.to_thread(containers.run, "deploy/roll.sh", seconds=SECONDS_MAX)

    await visits(said, more=DESKS)
    evening.set()
    await asyncio.gather(*desks)  # whoever was refused anything fails here
    assert not ids_of(containers, RENEWED) & before
    await nothing_is_lost(containers, said)


@pytest.mark.timeout(SECONDS_MAX)
async def test_a_service_that_does_not_start_leaves_the_old_one_at_work(containers: Containers, site: Site) -> None:
    before = ids_of(containers, ["audit"])
    key = containers.folder / "secrets" / "audit_database_url"
    right = key.read_text()
    replace(key, "postgresql://audit:wrong@postgres/audit")
    try:
        with pytest.raises(AssertionError, match="the old ones stay"):
            await asyncio.to_thread(containers.run, "deploy/roll.sh", "audit", seconds=300)
    finally:
        replace(key, right)

    async with Story(site.api) as story:
        assert await story.owner.get("audit", "/breaks", state="open") == []
    assert ids_of(containers, ["audit"]) == before


async def work(site: Site, said: Acknowledged, evening: asyncio.Event) -> None:
    """One desk, visit after visit: its client sends what was not answered again under the same key."""
    async with Story(site.api) as story:
        while not evening.is_set():
            await one_visit(story, said)


async def visits(said: Acknowledged, *, more: int) -> None:
    wanted = len(said.completed) + more

    async def are_done() -> bool:
        return len(said.completed) >= wanted

    await eventually(are_done, patience=180)


async def nothing_is_lost(containers: Containers, said: Acknowledged) -> None:
    async def connect(service: str) -> asyncpg.Connection:
        connection: asyncpg.Connection = cast("Any", Psql(containers, service))
        return connection

    async def all_is_well() -> bool:
        return await checks.is_quiet(connect) and not await checks.violations(connect)

    await eventually(all_is_well, patience=120)
    known = set(
        containers.sql("booking", "SELECT aggregate_id FROM outbox WHERE type = 'booking.session-completed'").split()
    )
    assert said.completed <= known


def ids_of(containers: Containers, services: Iterable[str]) -> set[str]:
    return {id_ for service in services for id_ in containers.ids(service)}


def replace(path: Any, value: str) -> None:
    """A file that only its owner may enter the folder of, and that everybody may read."""
    new = path.with_suffix(".new")
    new.write_text(value)
    new.chmod(0o444)
    new.rename(path)
