"""Visits that are completed, at a pace or as fast as it goes, and when the slowest of their effects was committed.

That is told by PostgreSQL, which notes the moment of each commit: nobody asks while it is measured.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

import asyncpg

from bench.caller import Caller
from bench.clinics import Clinic
from bench.effects import price, stock
from bench.ready import RECORD, begun
from chassis.clock import SystemClock, new_id
from chassis.db import Database
from tests.support.waiting import eventually

EFFECTS = {
    "billing": "SELECT appointment_id, pg_xact_commit_timestamp(xmin) FROM settlement",
    "inventory": "SELECT appointment_id, pg_xact_commit_timestamp(xmin) FROM consumption",
    "notifications": "SELECT appointment_id, max(pg_xact_commit_timestamp(xmin)) FROM message GROUP BY 1",
}
KNOWS = {
    "billing": "SELECT true FROM location",
    "inventory": "SELECT true FROM location",
    "notifications": "SELECT true FROM place",
}
"""True once the clinic that was opened at booking is known there."""
PER_SECOND = 20
DESKS = 16
PATIENCE_SECONDS = 120.0

Connections = Mapping[str, asyncpg.Connection]
"""One to the database of each service."""


@dataclass
class Chain:
    """A clinic whose visits are completed over HTTP, and the databases in which their effects appear."""

    clinic: Clinic
    databases: Connections
    desk: Callable[[], Awaitable[Caller]]
    """Somebody who may complete them, signed in just now."""
    asked: dict[UUID, float] = field(default_factory=dict)

    async def at_a_pace(self, count: int) -> list[float]:
        """How many milliseconds each took to be visible, when one comes every twentieth of a second."""
        visits = await begun(self.databases["booking"], self.clinic, count)
        free: asyncio.Queue[Caller] = asyncio.Queue()
        for desk in await self._desks():
            free.put_nowait(desk)

        async def complete(visit: UUID) -> None:
            self.asked[visit] = time.time()  # before a desk is free: a slow answer must not hide behind fewer questions
            desk = await free.get()
            await _complete(visit, desk)
            free.put_nowait(desk)

        first = time.time()
        async with asyncio.TaskGroup() as group:
            for nth, visit in enumerate(visits):
                await asyncio.sleep(max(0.0, first + nth / PER_SECOND - time.time()))
                group.create_task(complete(visit))
        await _home([free.get_nowait() for _ in range(DESKS)])
        seen = await self._seen(visits)
        return [(seen[visit] - self.asked[visit]) * 1000 for visit in visits]

    async def at_once(self, count: int) -> float:
        """How many a second, from the first request to the last effect, when every desk has the next one ready."""
        visits = await begun(self.databases["booking"], self.clinic, count)
        waiting = iter(visits)

        async def work(desk: Caller) -> None:
            for visit in waiting:
                self.asked[visit] = time.time()
                await _complete(visit, desk)

        desks = await self._desks()
        await asyncio.gather(*map(work, desks))
        await _home(desks)
        seen = await self._seen(visits)
        return count / (max(seen.values()) - min(self.asked[visit] for visit in visits))

    async def _desks(self) -> list[Caller]:
        return [await self.desk() for _ in range(DESKS)]

    async def _seen(self, visits: Sequence[UUID]) -> dict[UUID, float]:
        """When the slowest effect of each was committed."""
        when = [await self._committed(name, set(visits)) for name in EFFECTS]
        return {visit: max(each[visit] for each in when) for visit in visits}

    async def _committed(self, name: str, visits: set[UUID]) -> dict[UUID, float]:
        async def all_there() -> dict[UUID, float] | None:
            rows = await self.databases[name].fetch(EFFECTS[name])
            found = {visit: at.timestamp() for visit, at in rows if visit in visits}
            return found if len(found) == len(visits) else None

        return await eventually(all_there, patience=PATIENCE_SECONDS)


async def prepared(clinic: Clinic, databases: Connections, *, billing: Database, inventory: Database) -> None:
    """All services know the clinic, and it has what a session costs and uses."""
    for name, known in KNOWS.items():
        await eventually(partial(databases[name].fetchval, known), patience=PATIENCE_SECONDS)
    yesterday = SystemClock().now() - timedelta(days=1)
    await price(billing, [clinic.id], at=yesterday)
    await stock(inventory, [clinic.id], at=yesterday)


async def _complete(visit: UUID, desk: Caller) -> None:
    await desk.post(f"/appointments/{visit}/complete", RECORD, key=str(new_id()))


async def _home(desks: Sequence[Caller]) -> None:
    for each in desks:
        await each.close()
