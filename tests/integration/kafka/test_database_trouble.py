"""The database has no time or does not answer: partitions wait and try again, nothing is parked or lost."""

import asyncpg
import pytest
from sqlalchemy import text

from chassis.db import Tx
from tests.integration.kafka.desk import Desk, metric
from tests.support import marks
from tests.support.databases import TestCluster
from tests.support.waiting import eventually


@pytest.mark.fault("F12", dose="a table locked for several time-outs", holds="I2 I3")
async def test_while_a_table_is_locked_facts_wait_and_are_taken_after(desk: Desk) -> None:
    """F12: a lock that is held for long is nobody's fault; the member stays in its group."""
    listener = desk.bus.listen(desk.consumer())
    await desk.tell("before")
    await eventually(desk.has_heard("before"))
    retries = metric("needlepoint_consumer_retries_total", service="marks")

    async with desk.db.engine.connect() as blocking:
        await blocking.execute(text("LOCK TABLE heard IN SHARE MODE"))
        await desk.tell("a/1", "a/2")

        async def was_put_back() -> bool:
            return metric("needlepoint_consumer_retries_total", service="marks") >= retries + 2

        await eventually(was_put_back)
        members = listener.membership

    await eventually(desk.has_heard("before", "a/1", "a/2"))
    assert await desk.parked() == []
    assert listener.membership is members


@pytest.mark.fault("F10", dose="one database closed, its connections ended", holds="I2 I3 I4")
async def test_while_the_database_is_away_nothing_is_parked_and_no_dead_letter_is_written(
    desk: Desk, test_cluster: TestCluster
) -> None:
    """F10: however it refuses; when it is back, everything is taken in order."""
    listener = desk.bus.listen(desk.consumer())
    await desk.tell("a/1")
    await eventually(desk.has_heard("a/1"))
    records = [await desk.a_record("b/1"), await desk.a_record("poison") | {"value": b"{"}]
    connection = await test_cluster.cluster.connect()
    await _close(connection, str(desk.db.engine.url.database))

    await desk.bus.put(*records)

    async def waits() -> bool:
        return listener.pulse.last_error == "Waits"

    await eventually(waits)
    letters = await desk.bus.records("marks.dead-letters")
    await connection.execute(f'ALTER DATABASE "{desk.db.engine.url.database}" ALLOW_CONNECTIONS true')
    await connection.close()
    await eventually(desk.has_heard("a/1", "b/1"))

    async def is_put_aside() -> bool:
        return [each.reason for each in await desk.parked()] == ["not JSON"]

    await eventually(is_put_aside)
    assert letters == []
    assert len(await desk.bus.records("marks.dead-letters")) == 1


async def _close(connection: asyncpg.Connection, database: str) -> None:
    """As if it were not there: nobody gets in, and whoever is in gets out."""
    await connection.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
    await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database)


async def test_trouble_with_one_thing_holds_up_its_partition_only(desk: Desk) -> None:
    is_busy = [True]

    async def busy_with_one(tx: Tx, fact: marks.MarkMade) -> None:
        if is_busy[0] and fact.text == "one":
            raise TimeoutError
        await desk.note(tx, fact)

    desk.bus.listen(desk.consumer(busy_with_one))
    one, other = await desk.a_record("one"), await desk.a_record("other")

    await desk.bus.put(one | {"partition": 0}, other | {"partition": 1})

    await eventually(desk.has_heard("other"))
    is_busy[0] = False
    await eventually(desk.has_heard("other", "one"))
