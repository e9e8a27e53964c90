"""When the fault is over: everything follows, nothing is missing, nothing is there twice."""

import asyncio
from datetime import datetime

from tests.chaos import counting
from tests.chaos.desks import Acknowledged
from tests.support import checks
from tests.support.processes import Processes
from tests.support.waiting import eventually

SETTLES_SECONDS = 600.0
LOOKS_SECONDS = 2.0


async def everything_has_followed(site: Processes, since: datetime) -> None:
    """As `settled`, looking less often: there is much to look at."""

    async def nothing_is_missing() -> bool:
        await asyncio.sleep(LOOKS_SECONDS)
        return await checks.is_quiet(site.connect) and not await checks.undelivered(site.connect, since=since)

    await eventually(nothing_is_missing, patience=SETTLES_SECONDS)


async def nothing_is_lost_or_doubled(site: Processes, said: Acknowledged, since: datetime) -> None:
    """Waits until all has followed; then every database has every visit that was acknowledged, once."""
    await everything_has_followed(site, since)
    assert await checks.violations(site.connect) == {}
    assert said.completed, "the desks got nothing done: this would prove nothing"
    assert said.booked == said.completed
    assert set((await counting.counted(site.connect, said.completed)).values()) == {len(said.completed)}
