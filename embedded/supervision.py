"""Keeps PostgreSQL running: should it end by itself, it is started again and recovers all that was committed."""

import asyncio
import time
from collections.abc import Callable
from itertools import chain, repeat

import structlog

from embedded.postgres import START_SECONDS_MAX, Cluster, PostgresDidNotStart

log = structlog.get_logger()

CHECK_SECONDS = 0.2
RESTS_SECONDS = (0.2, 0.5, 1, 2, 5)
"""Before each further try; then ten. The first may come too early: old connections take a moment to go."""
REST_SECONDS_MAX = 10.0

Tell = Callable[[str], None]


async def keep_running(cluster: Cluster, *, tell: Tell) -> None:
    """Watch over PostgreSQL until cancelled; the person at the terminal is told what happens."""
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        if cluster.has_ended:
            log.error("postgres.ended", code=cluster.exit_code)
            tell("PostgreSQL has ended by itself. Starting it again; nothing that was confirmed is lost.")
            began = time.monotonic()
            await _start_again(cluster, tell)
            seconds = round(time.monotonic() - began, 1)
            log.info("postgres.restarted", seconds=seconds)
            tell(f"PostgreSQL is back after {seconds} s.")


async def _start_again(cluster: Cluster, tell: Tell) -> None:
    for attempt, rest in enumerate(chain(RESTS_SECONDS, repeat(REST_SECONDS_MAX)), 1):
        try:
            cluster.launch()
            await _ready(cluster)
        except (PostgresDidNotStart, OSError) as error:
            log.warning("postgres.start_failed", attempt=attempt, retry_seconds=rest, exc_info=error)
            if attempt == len(RESTS_SECONDS):
                tell(f"PostgreSQL does not start; trying on. Its own words are in {cluster.log_file}.")
            await asyncio.sleep(rest)
        else:
            return


async def _ready(cluster: Cluster) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not cluster.is_ready:
        if cluster.has_ended or time.monotonic() > deadline:
            raise PostgresDidNotStart(cluster.log_file)
        await asyncio.sleep(0.02)
