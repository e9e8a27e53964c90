"""Row `slots`: free starts of two weeks at one clinic, in a small chain and in one ten times as big."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import or_
from random import Random
from uuid import UUID

import asyncpg

from bench.clinics import TREATMENT, Clinic, open_clinics
from bench.finding import Finding, Kind, Pair, Series, Target, Unit
from bench.ground import Ground, ground
from bench.history import PER_CLINIC, lived
from bench.row import Bench, Row, percentile, timed
from chassis.clock import SystemClock
from chassis.db import Database
from services.booking.schedule.queries import Sought, free

DAYS = 14
SEARCHES = 100
FLOOR = "the rows of practitioners, rooms, bays and devices by asyncpg, and integers as bitmaps; no hours, no shifts"
FAST_FILLING = {"wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "16GB"}

Search = Callable[[Clinic], Awaitable[object]]


async def measure(bench: Bench) -> Sequence[Finding]:
    stands = ground(bench, **FAST_FILLING)
    service = await stands.migrated("booking")
    db, bare = stands.database(service), await stands.bare(service)
    clinics: list[Clinic] = []
    small = await _grown(stands, db, clinics, bench.sized(1, 4, 40))
    found = await _searched(bench, db, bare, clinics)
    target = Target(kind=Kind.FIGURE, most=2)
    findings = [_finding(found, small, target)]
    visits = await _grown(stands, db, clinics, bench.sized(1, 12, 360))
    bigger = await _searched(bench, db, bare, clinics)
    findings.append(_finding(bigger, visits, None))
    findings.append(
        Finding(
            what=f"the same, {_many(visits)} visits beside {_many(small)}",
            ours=Series(unit=Unit.MILLISECONDS, rounds=bigger.ours),
            floor=Series(unit=Unit.MILLISECONDS, rounds=found.ours),
            floor_is=f"the last line compares ours with ours, at {_many(small)}",
            target=Target(kind=Kind.RATIO, most=1.5),
        )
    )
    return findings


ROW = Row("slots", measure)


def _finding(found: Pair, visits: int, target: Target | None) -> Finding:
    what = f"free starts of {DAYS} days, {_many(visits)} visits, p50"
    return found.finding(what, Unit.MILLISECONDS, floor_is=FLOOR, target=target)


def _many(visits: int) -> str:
    return f"{visits / 1_000_000:.1f} M" if visits >= 1_000_000 else f"{visits:,}"


async def _grown(stands: Ground, db: Database, clinics: list[Clinic], count: int) -> int:
    """Open so many more clinics, with their past; returns how many visits the chain has now."""
    stands.bench.tell(f"opening {count} clinics")
    more = await open_clinics(db, count, patients=50, after=len(clinics))
    clinics += more
    stands.bench.tell(f"filling {count} clinics with visits")
    connection = await stands.cluster.connect("booking")
    try:
        return await lived(connection, more, stands.bench.sized(2_000, PER_CLINIC, PER_CLINIC))
    finally:
        await connection.close()


async def _searched(bench: Bench, db: Database, bare: asyncpg.Connection, clinics: Sequence[Clinic]) -> Pair:
    now, random = SystemClock().now(), Random(4)
    first = now.date() + timedelta(days=1)
    days = [first + timedelta(days=each) for each in range(DAYS)]

    async def ours(clinic: Clinic) -> object:
        async with db.reading() as tx:
            return await free(tx, Sought(location_id=clinic.id, treatment=TREATMENT, days=days), now=now)

    async def floor(clinic: Clinic) -> object:
        return await bare_search(bare, clinic, now)

    def round_of(search: Search) -> Callable[[], Awaitable[float]]:
        async def middle() -> float:
            asked = random.choices(clinics, k=bench.sized(5, 30, SEARCHES))
            return percentile([await timed(partial(search, clinic)) for clinic in asked], 50)

        return middle

    for search in (ours, floor):
        await round_of(search)()
    return await bench.in_turn(round_of(ours), round_of(floor))


CELL = timedelta(minutes=15)
CELLS = DAYS * 24 * 4
NEEDED = 6
"""A visit of 90 minutes."""
_ROWS = """
    SELECT resource_id, starts_at, ends_at FROM claim
     WHERE resource_id = ANY($1::uuid[]) AND starts_at >= $2::timestamptz - interval '1 day' AND starts_at < $3
    """


async def bare_search(connection: asyncpg.Connection, clinic: Clinic, now: datetime) -> list[tuple[datetime, UUID]]:
    """Where practitioner, room, bay and device have ninety minutes, by hand."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    kinds = (clinic.practitioners, clinic.rooms, clinic.bays, clinic.devices)
    everything = [each for kind in kinds for each in kind]
    busy = dict.fromkeys(everything, 0)
    for id_, starts, ends in await connection.fetch(_ROWS, everything, first, first + DAYS * timedelta(days=1)):
        low, high = max(0, (starts - first) // CELL), min(CELLS, -((first - ends) // CELL))
        if low < high:
            busy[id_] |= ((1 << (high - low)) - 1) << low
    starts_of = {id_: _runs(~mask & ((1 << CELLS) - 1)) for id_, mask in busy.items()}
    possible = -1
    for kind in kinds:
        possible &= reduce(or_, (starts_of[id_] for id_ in kind))
    return [
        (first + cell * CELL, next(id_ for id_ in clinic.practitioners if starts_of[id_] >> cell & 1))
        for cell in range(CELLS)
        if possible >> cell & 1
    ]


def _runs(free_cells: int) -> int:
    for _ in range(NEEDED - 1):
        free_cells &= free_cells >> 1
    return free_cells
