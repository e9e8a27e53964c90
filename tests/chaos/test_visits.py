"""Thousands of visits while processes are killed at random: nothing is lost, and nothing happens twice.

`NEEDLEPOINT_VISITS=10000 NEEDLEPOINT_SEED=7 make chaos ARGS="-k killed_at_random -s"`
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime

import pytest

from tests.chaos import counting
from tests.chaos.aftermath import everything_has_followed, nothing_is_lost_or_doubled
from tests.chaos.clinics import Lane, open_clinic
from tests.chaos.desks import Acknowledged, all_at_work
from tests.chaos.insisting import Insistent, owner_of
from tests.support.processes import APIS, KAFKA, WORKERS, Processes

VISITS = int(os.environ.get("NEEDLEPOINT_VISITS", "200"))
"""10,000 for the long one."""
SEED = int(os.environ.get("NEEDLEPOINT_SEED") or random.randrange(10_000))
CLINICS = 4
PAUSE_SECONDS = (3.0, 9.0)
"""Between two kills."""


@pytest.fixture
async def owners(site: Processes) -> AsyncIterator[list[Insistent]]:
    """One client a desk."""
    async with AsyncExitStack() as opened:
        yield [await opened.enter_async_context(owner_of(site)) for _ in range(2 * CLINICS)]


@pytest.fixture
async def lanes(owners: list[Insistent]) -> list[Lane]:
    return [lane for _ in range(CLINICS) for lane in await open_clinic(owners[0])]


class Killer:
    """kill -9, now this process, now that one; the same for the same seed, as far as the machine plays along."""

    def __init__(self, site: Processes, seed: int) -> None:
        self.killed: Counter[str] = Counter()
        self._site = site
        self._chance = random.Random(seed)
        self._names = [*APIS, *WORKERS, "web", *([KAFKA] if site.has_broker() else [])]

    async def run(self, evening: asyncio.Event) -> None:
        while not evening.is_set():
            name = self._chance.choice(self._names)
            try:
                async with asyncio.timeout(self._chance.uniform(*PAUSE_SECONDS)):
                    await evening.wait()
            except TimeoutError:
                self._kill(name)

    def _kill(self, name: str) -> None:
        pid = self._site.entry(name)["pid"]
        if pid is None:
            return  # it is starting again already
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.killed[name] += 1


@pytest.mark.timeout(5400)
@pytest.mark.fault(
    "F1 F4 F27",
    dose="kill -9 of any process every few seconds, NEEDLEPOINT_VISITS visits",
    holds="I1 I2 I3 I4 I5 I6 I7 I8 I9 I12 I13 I15",
)
async def test_visits_while_processes_are_killed_at_random(
    site: Processes, owners: list[Insistent], lanes: list[Lane], record_property: Callable[[str, object], None]
) -> None:
    said, killer, evening, since = Acknowledged(), Killer(site, SEED), asyncio.Event(), datetime.now(UTC)
    say(f"seed {SEED}, {VISITS:,} visits, {len(lanes)} desks")
    began = time.monotonic()
    killing, telling = asyncio.create_task(killer.run(evening)), asyncio.create_task(progress(said, evening))

    try:
        await all_at_work(owners, lanes, said, until=VISITS)
    finally:
        evening.set()
        await asyncio.gather(killing, telling)
    worked = time.monotonic() - began
    await everything_has_followed(site, since)
    settled = time.monotonic() - began - worked

    met = sum((owner.met for owner in owners), Counter[str]())
    of_visits = await counting.counted(site.connect, said.completed)
    each = await counting.in_each(site.connect)
    rate = len(said.completed) / worked
    lines = [
        f"seed {SEED}: {len(said.completed):,} visits acknowledged in {worked:.0f} s ({rate:.1f}/s)",
        f"{said.sold:,} packages sold; everything had followed {settled:.0f} s later",
        f"killed {killer.killed.total()}: {dict(sorted(killer.killed.items()))}",
        f"met on the way and asked again: {dict(sorted(met.items()))}; longest answer {said.longest_seconds:.0f} s",
        *counting.told(of_visits, await counting.summed(site.connect), each),
    ]
    record_property("told", "\n".join(lines))
    say(*lines)
    await nothing_is_lost_or_doubled(site, said, since)
    assert len(said.completed) >= VISITS
    assert killer.killed.total() > 0


def say(*lines: str) -> None:
    """To whoever runs this with -s."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


async def progress(said: Acknowledged, evening: asyncio.Event) -> None:
    """A line a minute, for whoever waits."""
    while not evening.is_set():
        try:
            async with asyncio.timeout(60):
                await evening.wait()
        except TimeoutError:
            say(f"{datetime.now(UTC):%H:%M:%S} {len(said.completed):,} completed")
