"""What goes straight to the driver keeps every promise of the session it passes by."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import straight
from chassis.clock import new_id
from chassis.db import Database, is_transient, sqlstate, violated
from chassis.settings import ServiceSettings
from chassis.straight import Insertion
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import plan
from tests.support.marks import Mark

MARKS = plan(marks.build, ServiceSettings, database_pool_size=1)
ADD = "INSERT INTO mark (id, text, version) VALUES ($1, $2, 1)"
READ = "SELECT text FROM mark ORDER BY text"
insert_mark = Insertion(Mark)


@pytest.fixture
async def db(move_in: MoveIn) -> Database:
    return (await move_in(MARKS)).running["marks"].context.db


async def texts(db: Database) -> list[str]:
    async with db.reading() as tx:
        return list((await tx.scalars(select(Mark.text).order_by(Mark.text))).all())


async def send(db: Database, *statements: tuple[Any, ...]) -> None:
    """All of these in one transaction."""
    async with db.transaction() as tx:
        for statement, *values in statements:
            await straight.fetch(tx, statement, *values)


async def test_it_happens_if_the_transaction_does_and_not_at_all_otherwise(db: Database) -> None:
    await send(db, (ADD, new_id(), "first"), (ADD, new_id(), "second"))
    with pytest.raises(DBAPIError):
        await send(db, (ADD, new_id(), "third"), (ADD, new_id(), "fourth"), ("SELECT 1 / 0",))

    assert await texts(db) == ["first", "second"]


async def test_it_sees_what_waits_in_the_session_and_the_session_sees_it(db: Database) -> None:
    async with db.transaction() as tx:
        tx.add(Mark(id=new_id(), text="by the session", version=1))
        seen = await straight.fetch(tx, READ)
        await straight.fetch(tx, ADD, new_id(), "straight")

        assert [row[0] for row in seen] == ["by the session"]
        assert await tx.scalar(select(func.count()).select_from(Mark)) == 2


async def test_what_was_inserted_is_changed_like_anything_else(db: Database) -> None:
    async with db.transaction() as tx:
        mark = Mark(id=new_id(), text="as it was", version=1)
        await insert_mark(tx, mark)
        mark.text = "as it is"

    assert await texts(db) == ["as it is"]


async def test_a_constraint_refuses_by_its_name(db: Database) -> None:
    mark_id = new_id()

    with pytest.raises(IntegrityError) as refused:
        await send(db, (ADD, mark_id, "first"), (ADD, mark_id, "again"))

    assert violated(refused.value) == "mark_pkey"
    assert "again" not in str(refused.value)
    assert await texts(db) == []


async def test_what_takes_too_long_may_be_tried_again(db: Database) -> None:
    with pytest.raises(DBAPIError) as cancelled:
        await send(db, ("SET LOCAL statement_timeout = 20",), ("SELECT pg_sleep(5)",))

    assert sqlstate(cancelled.value) == "57014"
    assert is_transient(cancelled.value)


async def test_a_connection_that_is_lost_is_replaced(db: Database) -> None:
    with pytest.raises(DBAPIError) as lost:
        await send(db, (ADD, new_id(), "lost with it"), ("SELECT pg_terminate_backend(pg_backend_pid())",))

    assert is_transient(lost.value)
    assert await texts(db) == []


async def test_a_connection_with_somebody_elses_open_transaction_is_given_to_nobody(db: Database) -> None:
    """Its COMMIT would be nobody's: what was answered as done would vanish with the one that was left open."""
    async with db.engine.connect() as connection:
        await straight_to_the_driver(connection, "BEGIN")

    await send(db, (ADD, new_id(), "kept"))
    await db.engine.dispose()

    assert await texts(db) == ["kept"]


async def test_a_transaction_that_was_cancelled_while_it_began_takes_no_other_along(db: Database) -> None:
    for number in range(30):
        beginning = asyncio.create_task(send(db, (ADD, new_id(), "cancelled")))
        for _ in range(number):  # a step further each time: into the pool, BEGIN, the statement, COMMIT
            await asyncio.sleep(0)
        beginning.cancel()
        await asyncio.gather(beginning, return_exceptions=True)
        await send(db, (ADD, new_id(), f"kept {number:02}"))
    await db.engine.dispose()

    assert [text for text in await texts(db) if text != "cancelled"] == [f"kept {number:02}" for number in range(30)]


async def straight_to_the_driver(connection: AsyncConnection, statement: str) -> None:
    """Behind the back of the session and the pool."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.execute(statement)
