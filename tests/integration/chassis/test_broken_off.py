"""Requests that break off, by the database, the client or the pool: nothing is half done, and nothing leaks."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from statistics import median
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select, text

from chassis.db import Database
from chassis.outbox import OUTBOX
from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.databases import Detoured, TestCluster
from tests.support.house import House, plan
from tests.support.network import Link
from tests.support.tokens import a_member_of_staff
from tests.support.waiting import eventually

MARKS = plan(marks.build, ServiceSettings)
TRIES, WARMING = 60, 9


def a_marker(house: House) -> httpx.AsyncClient:
    return house.client("marks", a_member_of_staff("marker"))


async def counted(db: Database) -> tuple[int, int]:
    """How many marks there are, and how many facts tell of one."""
    async with db.reading() as tx:
        marks_made = await tx.scalar(select(func.count()).select_from(marks.Mark))
        told = await tx.scalar(select(func.count()).select_from(OUTBOX))
        return marks_made or 0, told or 0


@pytest.fixture
async def link(test_cluster: TestCluster) -> AsyncIterator[Link]:
    async with Link(test_cluster.socket) as link:
        yield link


@pytest.fixture
async def far(test_cluster: TestCluster, link: Link) -> AsyncIterator[House]:
    """A house whose databases are at the other end of the link."""
    house = House(Detoured(test_cluster, port=link.port))
    await house.move_in([MARKS])
    yield house
    await house.close()


@pytest.mark.fault("F9", dose="the connection of a request cut after COMMIT", holds="I1 I15 I16")
async def test_who_was_not_told_whether_it_was_done_asks_again_and_gets_the_answer(far: House, link: Link) -> None:
    client, key = a_marker(far), {"idempotency-key": str(uuid4())}
    link.lose_the_answer_to(b"COMMIT")

    unknown = await client.post("/marks", json={"text": "here"}, headers=key)
    known = await client.post("/marks", json={"text": "here"}, headers=key)

    assert (unknown.status_code, unknown.json()["code"]) == (503, "unavailable")
    assert (known.status_code, known.headers["idempotent-replayed"]) == (201, "true")
    assert await counted(far.running["marks"].context.db) == (1, 1)


@pytest.mark.fault("F8", dose="the database of a request: reset before COMMIT", holds="I1 I16")
async def test_what_broke_off_before_it_was_done_is_done_when_it_is_asked_again(far: House, link: Link) -> None:
    client, key = a_marker(far), {"idempotency-key": str(uuid4())}
    link.lose_the_answer_to(b"INSERT INTO mark")

    broken = await client.post("/marks", json={"text": "here"}, headers=key)
    done = await client.post("/marks", json={"text": "here"}, headers=key)

    assert (broken.status_code, done.status_code) == (503, 201)
    assert "idempotent-replayed" not in done.headers
    assert await counted(far.running["marks"].context.db) == (1, 1)


@pytest.mark.fault("F21", dose="cancelled at a random moment, sixty times", holds="I1 I15 I16")
async def test_a_request_that_is_cancelled_anywhere_is_done_wholly_or_not_at_all(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    client, db = a_marker(house), house.running["marks"].context.db
    usual = await usual_seconds(client)
    keys = [str(uuid4()) for _ in range(TRIES)]
    answered = 0

    for key in keys:
        asking = asyncio.create_task(client.post("/marks", json={"text": key}, headers={"idempotency-key": key}))
        await asyncio.wait({asking}, timeout=random.uniform(0, 6 * usual))  # its predecessor took the connection along
        asking.cancel()
        answered += isinstance((await asyncio.gather(asking, return_exceptions=True))[0], httpx.Response)
    marks_then, told_then = await counted(db)
    again = [await client.post("/marks", json={"text": key}, headers={"idempotency-key": key}) for key in keys]

    assert 0 < answered < TRIES, "all of them, or none, were answered: this would prove nothing"
    assert marks_then == told_then >= answered + WARMING
    assert {each.status_code for each in again} == {201}
    assert await counted(db) == (TRIES + WARMING, TRIES + WARMING)
    assert await left_open(db) == 0


async def usual_seconds(client: httpx.AsyncClient) -> float:
    """What a request takes on this machine just now."""
    took = []
    for number in range(WARMING):
        began = time.monotonic()
        await client.post("/marks", json={"text": f"warm {number}"})
        took.append(time.monotonic() - began)
    return median(took)


async def left_open(db: Database) -> int:
    """Transactions that nobody will end."""
    async with db.reading() as tx:
        others = "datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
        return await tx.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {others}")) or 0  # noqa: S608


@pytest.mark.fault("F12", dose="all connections of the pool held, eight requests wait", holds="I1 I15")
async def test_while_the_pool_is_exhausted_everybody_is_told_so_in_time_and_nobody_queues_up(move_in: MoveIn) -> None:
    house = await move_in(plan(marks.build, ServiceSettings, database_pool_size=2))
    client, db = a_marker(house), house.running["marks"].context.db

    async with AsyncExitStack() as held:
        for _ in range(2):
            await held.enter_async_context(db.engine.connect())
        async with asyncio.timeout(7):  # seconds; the pool gives up after five, for all of them at once
            refused = await asyncio.gather(*(client.post("/marks", json={"text": str(n)}) for n in range(8)))
    after = await client.post("/marks", json={"text": "after"})

    assert {(each.status_code, each.json()["code"]) for each in refused} == {(503, "unavailable")}
    assert after.status_code == 201
    assert await counted(db) == (1, 1)


@pytest.mark.fault("F8", dose="the database of a service: away for two seconds, then there", holds="I15 I22")
async def test_a_pool_of_dead_connections_costs_no_request_more_than_one_try_again(far: House, link: Link) -> None:
    client, db = a_marker(far), far.running["marks"].context.db
    await asyncio.gather(*(client.post("/marks", json={"text": f"before {n}"}) for n in range(6)))
    await link.close()
    key = {"idempotency-key": str(uuid4())}

    away = await client.post("/marks", json={"text": "after"}, headers=key)
    await link.open()

    async def is_done() -> bool:
        return (await client.post("/marks", json={"text": "after"}, headers=key)).status_code == 201

    await eventually(is_done, patience=5)
    assert away.status_code == 503
    assert await counted(db) == (7, 7)
