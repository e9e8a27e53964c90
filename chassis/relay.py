"""The relay: one per database, takes facts from the outbox to the bus, in order, and marks them after the ack.

No cursor over the id (it loses rows that commit late: 14-50 % measured) and no SKIP LOCKED (a second relay would
overtake within a key): unpublished rows by id, under an advisory lock that only one relay holds.
"""

import asyncio
import random
from collections.abc import Sequence

import asyncpg
import structlog
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outgoing, telemetry
from chassis.bus import Carrier, Unsendable
from chassis.crash import crash_point
from chassis.db import Database
from chassis.health import Pulse
from chassis.knocking import KNOCK_SECONDS, hearing, knock
from chassis.outgoing import Waiting
from chassis.stopping import Stopping

log = structlog.get_logger()

RELAY_LOCK = 0x6E65_6564_6C65
"""Advisory lock key of the relay; a database has one relay, whatever the number of processes."""
STANDBY_SECONDS = 2.0
LEASE_SECONDS = 10.0
"""The lock of a relay that is not heard of for so long, beyond its poll, goes to another: it may be frozen, and the
connection of a frozen process stays open. One that is frozen while it sends has `idle_in_transaction_timeout_ms`."""
BACKOFF_SECONDS_MAX = 15.0


class Relay:
    def __init__(
        self,
        db: Database,
        carrier: Carrier,
        *,
        batch: int = 500,
        poll_seconds: float = 0.5,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self.db = db
        self.carrier = carrier
        self.batch = batch
        self.poll_seconds = poll_seconds
        self.lease_seconds = lease_seconds
        self.pulse = Pulse("relay")
        self._stopping = Stopping()

    def stop(self) -> None:
        """Let `run` return after the batch it is at."""
        self._stopping.set()
        self.db.has_facts.set()

    async def run(self) -> None:
        """Relay until told to stop; whatever fails, try again from the outbox."""
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._lead()
                failures = 0
            except Exception as error:
                failures += 1
                wait = random.uniform(0, min(BACKOFF_SECONDS_MAX, 0.2 * 2**failures))  # noqa: S311 - jitter, no secret
                self.pulse.failed(error)
                log.warning("relay.failed", attempt=failures, retry_seconds=round(wait, 2), exc_info=error)
                await self._stopping.rest(wait)

    async def _lead(self) -> None:
        """Hold the lock on a connection of its own; the lock goes when the connection goes."""
        async with self.db.engine.connect() as connection:
            try:
                await self._relay_as_leader(connection)
            finally:
                await connection.invalidate()  # back in the pool it would keep the lock, and nobody could lead

    async def _relay_as_leader(self, connection: AsyncConnection) -> None:
        while not (self._stopping.is_set() or await self._is_leader(connection)):
            self.pulse.beat()
            if await self._told_of_facts(within_seconds=STANDBY_SECONDS):
                await knock(self.db)
                await self._stopping.rest(KNOCK_SECONDS)
        async with hearing(self.db):
            while not self._stopping.is_set():
                sent = await self.drain_once(connection)
                self.pulse.beat()
                if not sent:
                    await self._told_of_facts(within_seconds=self.poll_seconds)

    async def _is_leader(self, connection: AsyncConnection) -> bool:
        got = await connection.scalar(select(func.pg_try_advisory_lock(RELAY_LOCK)))
        if got:
            quiet_ms = round((self.lease_seconds + self.poll_seconds) * 1000)
            await connection.scalar(select(func.set_config("idle_session_timeout", f"{quiet_ms}", False)))
        await connection.commit()
        return bool(got)

    async def _told_of_facts(self, *, within_seconds: float) -> bool:
        try:
            async with asyncio.timeout(within_seconds):
                await self.db.has_facts.wait()
        except TimeoutError:
            return False
        finally:
            self.db.has_facts.clear()
        return True

    async def drain_once(self, connection: AsyncConnection) -> int:
        """Publish one batch and mark it; returns how many facts went out."""
        driver = await outgoing.driver_of(connection)
        sent = None
        while sent is None:
            sent = await self._publish_batch(driver)
        telemetry.PUBLISHED.labels(self.db.name).inc(sent)
        return sent

    async def _publish_batch(self, driver: asyncpg.Connection) -> int | None:
        """None if one of them was blocked instead: the others may go without it."""
        rows: Sequence[Waiting] = ()
        try:
            async with driver.transaction():
                # After a failure one fact is enough to see whether the bus is back.
                rows = await outgoing.waiting(driver, limit=1 if self.pulse.last_error else self.batch)
                if rows:
                    crash_point("relay.read")
                    await self._publish_and_mark(driver, rows)
                    crash_point("relay.marked")
        except Unsendable as error:
            await self._block(driver, rows, error)
            return None
        return len(rows)

    async def _publish_and_mark(self, driver: asyncpg.Connection, rows: Sequence[Waiting]) -> None:
        """The database marks them while the bus takes them; the marks count once all is committed, after both."""
        marking = asyncio.create_task(outgoing.mark(driver, rows))
        try:
            await asyncio.sleep(0)  # so that the statement is under way before this process is busy with the facts
            await self.carrier.publish([row.message for row in rows])
            crash_point("relay.acknowledged")
        finally:
            await marking

    async def _block(self, driver: asyncpg.Connection, rows: Sequence[Waiting], error: Unsendable) -> None:
        (row,) = [row for row in rows if row.message is error.message]
        message_id, kind = await outgoing.block(driver, row, reason=error.reason)
        log.error("fact.blocked", service=self.db.name, fact=kind, message_id=message_id, reason=error.reason)

    async def drain(self) -> int:
        """Publish everything there is now; for commands and tests that want quiescence."""
        total = 0
        async with self.db.engine.connect() as connection:
            while sent := await self.drain_once(connection):
                total += sent
        return total


async def backlog(connection: AsyncConnection) -> tuple[int, float]:
    """How many facts wait, and the age of the oldest in seconds."""
    row = (
        await connection.execute(
            text(
                "SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)"
                " FROM outbox WHERE published_at IS NULL"
            )
        )
    ).one()
    return int(row[0]), float(row[1])
