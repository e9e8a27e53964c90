"""Facts that one process commits and another relays: a knock at the database wakes the relay, wherever it runs.

A NOTIFY inside the transactions that write facts would make their commits wait for one another; so a process knocks
beside them, after the commit, and once for all of its commits within `KNOCK_SECONDS`. The database passes it to the
relay that leads, which alone listens: nobody has to know where that is. A knock that gets lost costs nothing but the
time until the relay looks by itself.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg
import structlog
from sqlalchemy import text

from chassis.db import Database
from chassis.health import Pulse
from chassis.stopping import Stopping

log = structlog.get_logger()

CHANNEL = "needlepoint_facts"
KNOCK_SECONDS = 0.01
"""The least time between two knocks of one process."""

# A knock need not survive a crash, so nobody waits for the disk.
_KNOCK = text("SELECT set_config('synchronous_commit', 'off', true), pg_notify(:channel, '')")


class Knocking:
    """The loop of a process that writes facts and relays none."""

    def __init__(self, db: Database) -> None:
        self.pulse = Pulse("knocking")
        self._db = db
        self._stopping = Stopping()

    def stop(self) -> None:
        self._stopping.set()
        self._db.has_facts.set()

    async def run(self) -> None:
        while not self._stopping.is_set():
            await self._db.has_facts.wait()
            self._db.has_facts.clear()
            await knock(self._db)
            await self._stopping.rest(KNOCK_SECONDS)


async def knock(db: Database) -> None:
    """Tell the relay of this database that there are facts; that it could not be told is no failure."""
    try:
        async with db.engine.begin() as connection:
            await connection.execute(_KNOCK, {"channel": CHANNEL})
    except Exception as error:
        log.info("knock.unheard", service=db.name, exc_info=error)


@asynccontextmanager
async def hearing(db: Database) -> AsyncIterator[None]:
    """As long as the block lasts, whoever knocks wakes the relay of this process, as a commit of its own does.

    On a connection that holds nothing. PostgreSQL writes knocks to it whether anybody reads them or not, and while it
    waits to write, no time-out ends it: some hundred knocks at a process that is frozen would keep a lock for ever.
    """

    def heard(*_: Any) -> None:
        db.has_facts.set()

    async with db.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        await cast("asyncpg.Connection", driver).add_listener(CHANNEL, heard)
        try:
            yield
        finally:
            await connection.invalidate()  # back in the pool it would go on listening
