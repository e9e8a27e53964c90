"""Prints what visits cost: `python -m scripts.cost --visits 400`. The figures of docs/scaling.md come from it.

It starts `needlepoint up-kafka` on a copy of the demo chain (`--data`, else a new one), lets a few desks complete
visits over the API, every other one paid from a package, and compares before and after.
"""

import argparse
import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts.catalog import TOPICS
from tests.support.processes import SERVICES, Processes
from tests.support.site import OwnSite
from tests.support.story import DAYS_AHEAD, TREATMENT, Json, Story

DESKS = 3
WEEKS = 50
REST_SECONDS = 30
ANY = random.Random(1)  # noqa: S311 - no secret
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
FOR_A_WHILE = {"outbox", "inbox", "answer"}
"""Tables of which housekeeping lets go after days; what stands in the others stays."""
TABLES = (
    "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
    " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
)


class Desk(Story):
    """Books in any week of the year to come, so that a small chain has room for many visits."""

    async def free_slot(self, location_id: str) -> Json:
        first = datetime.now(UTC).date() + timedelta(days=DAYS_AHEAD + 7 * ANY.randrange(WEEKS))
        window = {"from": str(first), "to": str(first + timedelta(days=7))}
        slots = await self.desk.get("booking", "/slots", location_id=location_id, treatment=TREATMENT, **window)
        found: Json = ANY.choice(slots)
        return found


@dataclass(frozen=True)
class Work:
    """Processor seconds of each process since it began, at one moment."""

    at: float
    seconds: dict[str, float]


@dataclass(frozen=True)
class Stock:
    """What lies where."""

    tables: "Counter[tuple[str, bool]]"
    """Bytes with indexes, by database, and whether they are kept only for a while."""
    topics: "Counter[str]"
    facts: "Counter[str]"
    """Told by each service."""
    taken: "Counter[str]"
    """Taken by each service."""


async def stock(site: Processes) -> Stock:
    """Tables are packed first: else new rows would hide in the room that older ones have left."""
    tables: Counter[tuple[str, bool]] = Counter()
    facts: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for service in SERVICES:
        connection = await site.connect(service)
        await connection.execute("VACUUM FULL")
        for name, size in await connection.fetch(TABLES):
            tables[service, name in FOR_A_WHILE] += size
        facts[service] = await connection.fetchval("SELECT count(*) FROM outbox")
        taken[service] = await connection.fetchval("SELECT count(*) FROM inbox")
        await connection.close()
    topics = Counter({topic: bytes_of(site.folder / "kafka" / "data", topic) for topic in TOPICS})
    return Stock(tables, topics, facts, taken)


def bytes_of(logs: Path, topic: str) -> int:
    """What stands in its partitions; their indexes are made large in advance, so they tell nothing."""
    return sum(each.stat().st_size for each in logs.glob(f"{topic}-[0-9]*/*.log"))


def work(site: Processes) -> Work:
    used = {name: own_seconds(each["pid"]) for name, each in site.register().items()}
    used["front door"] = own_seconds(site.pid)
    postmaster = int((site.folder / "pgdata" / "postmaster.pid").read_text().splitlines()[0])
    used["postgres"] = seconds(postmaster, 11, 15) + sum(own_seconds(pid) for pid in children_of(postmaster))
    return Work(time.monotonic(), used)


def own_seconds(pid: int) -> float:
    return seconds(pid, 11, 13)


def seconds(pid: int, first: int, end: int) -> float:
    """User and kernel time of a process; two fields on, that of its children that have ended."""
    return sum(map(int, fields_of(pid)[first:end])) / TICKS_PER_SECOND


def children_of(parent: int) -> Iterator[int]:
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
            if int(fields_of(int(each.name))[1]) == parent:
                yield int(each.name)


def fields_of(pid: int) -> list[str]:
    """Of /proc/PID/stat, from the state on; the name before it may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


@asynccontextmanager
async def running(data: Path | None) -> AsyncIterator[Processes]:
    with TemporaryDirectory(prefix="needlepoint-cost-") as folder:
        if data is None:
            data = filled(Path(folder) / "demo")
        site = Processes.copy_of(data, Path(folder) / "data")
        site.start()
        try:
            yield site
        finally:
            site.stop()


def filled(folder: Path) -> Path:
    site = OwnSite(folder)
    site.start()
    site.stop()
    return folder


async def measured(site: Processes, visits: int) -> list[str]:
    """Signing in is over before it begins, all effects are there before it ends."""
    async with AsyncExitStack() as open_desks:
        desks = [await open_desks.enter_async_context(Desk(site.api)) for _ in range(DESKS)]
        begun = datetime.now(UTC)
        for each in desks:
            await each.one_visit(package=True)
        await site.settled(since=begun)
        lay = await stock(site)
        at_rest = work(site)
        await asyncio.sleep(REST_SECONDS)
        before = work(site)
        numbers = iter(range(visits))
        await asyncio.gather(*(serve(each, numbers) for each in desks))
        await site.settled(since=begun)
        after = work(site)
        lies = await stock(site)
    return [*of_processors(at_rest, before, after, visits=visits), *of_stock(lay, lies, visits=visits)]


async def serve(desk: Desk, numbers: Iterator[int]) -> None:
    for each in numbers:
        await desk.one_visit(package=each % 2 == 0)


def of_processors(at_rest: Work, before: Work, after: Work, *, visits: int) -> Iterator[str]:
    """What everybody uses at rest is taken off what they used."""
    lasted, rested = after.at - before.at, before.at - at_rest.at
    yield f"{visits} visits by {DESKS} desks in {lasted:.0f} s: {visits / lasted * 3600:,.0f} an hour\n"
    yield "| process | at rest | seconds for 1,000 visits |\n|---|---|---|"
    whole_rest = whole = 0.0
    for name in after.seconds:
        rest = (before.seconds[name] - at_rest.seconds[name]) / rested
        used = (after.seconds[name] - before.seconds[name] - rest * lasted) / visits * 1000
        whole_rest, whole = whole_rest + rest, whole + used
        yield f"| {name} | {rest:.1%} | {used:.1f} |"
    yield f"| all together | {whole_rest:.0%} | {whole:.0f} |\n"


def of_stock(before: Stock, after: Stock, *, visits: int) -> Iterator[str]:
    yield "| service | facts told | bytes on Kafka | facts taken | bytes kept | bytes kept for a while |"
    yield "|---|---|---|---|---|---|"
    whole: Counter[int] = Counter()
    for name in SERVICES:
        grown = (
            after.facts[name] - before.facts[name],
            after.topics[name] - before.topics[name],
            after.taken[name] - before.taken[name],
            *(after.tables[name, which] - before.tables[name, which] for which in (False, True)),
        )
        whole.update(dict(enumerate(grown)))
        yield row(name, grown, visits)
    yield row("all together", whole.values(), visits)


def row(name: str, grown: Iterable[int], visits: int) -> str:
    told, sent, taken, kept, for_a_while = (each / visits for each in grown)
    return f"| {name} | {told:.1f} | {sent:,.0f} | {taken:.1f} | {kept:,.0f} | {for_a_while:,.0f} |"


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--visits", type=int, default=400)
    options.add_argument("--data", type=Path, help="a data folder with the demo chain, at rest; it is copied")
    given = options.parse_args()
    async with running(given.data) as site:
        print("\n".join(await measured(site, given.visits)))


if __name__ == "__main__":
    asyncio.run(main())
