"""Row `visible`: from the request that completes a visit to the commit of its money, its stock and its messages.

Booking as an api and a worker, and a worker for each of those who follow, over a real Kafka. When something became
visible is told by PostgreSQL, which notes the moment of each commit: nobody asks while it is measured.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

import asyncpg

from bench.brokers import broker
from bench.caller import Caller
from bench.clinics import Clinic, open_clinics
from bench.effects import price, stock
from bench.finding import Finding, Kind, Series, Target, Unit
from bench.ground import Ground, ground
from bench.ready import RECORD, begun
from bench.row import Bench, Row, percentile
from chassis.bus.kafka import KafkaSettings
from chassis.clock import SystemClock, new_id
from cli.topics import wanted
from tests.support.waiting import eventually

FOLLOWERS = ("billing", "inventory", "notifications", "audit")
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


async def measure(bench: Bench) -> Sequence[Finding]:
    stands = ground(bench, track_commit_timestamp="on")
    settings = await broker(bench, [topic.name for topic in wanted()])
    if settings is None:
        return []
    chain = await _chain(stands, settings)
    await chain.completed_at_a_pace(bench.sized(2, 20, 60))  # nobody has asked these processes for anything yet
    at_a_pace = [await chain.completed_at_a_pace(bench.sized(5, 60, 400)) for _ in range(bench.rounds)]
    at_once = [await chain.completed_at_once(bench.sized(5, 300, 2_000)) for _ in range(bench.rounds)]
    return [
        _finding("money, stock and messages visible, 20 sessions a second: median", at_a_pace, per_cent=50, most=15),
        _finding("the same: 99th of 100", at_a_pace, per_cent=99, most=100),
        Finding(
            what=f"sessions completed by {DESKS} desks, until the last effect is visible",
            ours=Series(unit=Unit.PER_SECOND, rounds=tuple(at_once)),
            target=Target(kind=Kind.FIGURE, least=800),
        ),
    ]


ROW = Row("visible", measure)


def _finding(what: str, rounds: Sequence[Sequence[float]], *, per_cent: float, most: float) -> Finding:
    found = tuple(percentile(each, per_cent) for each in rounds)
    return Finding(
        what=what, ours=Series(unit=Unit.MILLISECONDS, rounds=found), target=Target(kind=Kind.FIGURE, most=most)
    )


@dataclass
class Chain:
    """The processes, and what was asked of them when."""

    clinic: Clinic
    desks: list[Caller]
    booking: asyncpg.Connection
    followers: dict[str, asyncpg.Connection]
    asked: dict[UUID, float] = field(default_factory=dict)

    async def completed_at_a_pace(self, count: int) -> list[float]:
        """How many milliseconds each took to be visible, when one comes every twentieth of a second."""
        visits = await begun(self.booking, self.clinic, count)
        free: asyncio.Queue[Caller] = asyncio.Queue()
        for desk in self.desks:
            free.put_nowait(desk)

        async def complete(visit: UUID) -> None:
            self.asked[visit] = time.time()  # before a desk is free: a slow answer must not hide behind fewer questions
            desk = await free.get()
            await self._complete(visit, desk)
            free.put_nowait(desk)

        first = time.time()
        async with asyncio.TaskGroup() as group:
            for nth, visit in enumerate(visits):
                await asyncio.sleep(max(0.0, first + nth / PER_SECOND - time.time()))
                group.create_task(complete(visit))
        seen = await self._seen(visits)
        return [(seen[visit] - self.asked[visit]) * 1000 for visit in visits]

    async def completed_at_once(self, count: int) -> float:
        """How many a second, from the first request to the last effect, when every desk has the next one ready."""
        visits = await begun(self.booking, self.clinic, count)
        waiting = iter(visits)

        async def work(desk: Caller) -> None:
            for visit in waiting:
                self.asked[visit] = time.time()
                await self._complete(visit, desk)

        await asyncio.gather(*map(work, self.desks))
        seen = await self._seen(visits)
        return count / (max(seen.values()) - min(self.asked[visit] for visit in visits))

    async def _complete(self, visit: UUID, desk: Caller) -> None:
        await desk.post(f"/appointments/{visit}/complete", RECORD, key=str(new_id()))

    async def _seen(self, visits: Sequence[UUID]) -> dict[UUID, float]:
        """When the slowest effect of each was committed."""
        when = [await self._committed(name, set(visits)) for name in EFFECTS]
        return {visit: max(each[visit] for each in when) for visit in visits}

    async def _committed(self, name: str, visits: set[UUID]) -> dict[UUID, float]:
        async def all_there() -> dict[UUID, float] | None:
            rows = await self.followers[name].fetch(EFFECTS[name])
            found = {visit: at.timestamp() for visit, at in rows if visit in visits}
            return found if len(found) == len(visits) else None

        return await eventually(all_there, patience=PATIENCE_SECONDS)


async def _chain(stands: Ground, settings: KafkaSettings) -> Chain:
    bench = stands.bench
    services = {name: await stands.migrated(name) for name in ("booking", *FOLLOWERS)}
    bench.tell("opening the clinic")
    [clinic] = await open_clinics(stands.database(services["booking"]), 1, patients=bench.sized(10, 200, 1_000))
    api = await stands.served(services["booking"])
    for service in services.values():
        await stands.served(service, "worker", kafka=settings)
    connections = {name: await stands.bare(service) for name, service in services.items()}
    for name, known in KNOWS.items():
        await eventually(partial(connections[name].fetchval, known), patience=PATIENCE_SECONDS)
    yesterday = SystemClock().now() - timedelta(days=1)
    await price(stands.database(services["billing"]), [clinic.id], at=yesterday)
    await stock(stands.database(services["inventory"]), [clinic.id], at=yesterday)
    desks = [await Caller.to(api.url, authorization=f"Bearer {stands.token('practitioner')}") for _ in range(DESKS)]
    for each in desks:
        bench.stack.push_async_callback(each.close)
    booking = connections.pop("booking")
    return Chain(clinic, desks, booking, connections)
