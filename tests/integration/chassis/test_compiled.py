"""What is compiled once gives the rows and the objects that the session would give."""

import asyncio
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import Enum, bindparam, cast, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from chassis.clock import new_id
from chassis.compiled import Statement
from chassis.db import Database, one, violated
from chassis.errors import NotFound
from chassis.many import Many, among
from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import plan
from tests.support.marks import Mark

MARKS = plan(marks.build, ServiceSettings, database_pool_size=2)
ROWS = Many(Mark, "id", "text", "version")
ADD = Statement(ROWS.insert().returning(ROWS.table.c.id))
READ = Statement(select(Mark.text, Mark.version).where(among(Mark.text, "texts")).order_by(Mark.text))


class Colour(StrEnum):
    RED = "red"


@pytest.fixture
async def db(move_in: MoveIn) -> Database:
    return (await move_in(MARKS)).running["marks"].context.db


async def added(db: Database, *texts: str) -> list[UUID]:
    async with db.transaction() as tx:
        rows = await ADD(tx, **ROWS.of({"id": new_id(), "text": text, "version": 1} for text in texts))
        return [row.id for row in rows]


async def test_rows_come_by_name_for_any_number_of_values(db: Database) -> None:
    await added(db, "a", "b", "c")

    async with db.reading() as tx:
        two, none = await READ(tx, texts=["b", "c", "d"]), await READ(tx, texts=[])

    assert [(row.text, row.version) for row in two] == [("b", 1), ("c", 1)]
    assert none == []


async def test_values_are_turned_into_what_their_columns_take_and_back(db: Database) -> None:
    closed_list = Enum(Colour, native_enum=False, values_callable=lambda kind: [each.value for each in kind])
    given = [cast(bindparam("colour", type_=closed_list), closed_list), cast(bindparam("more", type_=JSONB), JSONB)]
    statement = Statement(select(given[0].label("colour"), given[1].label("more")))

    async with db.reading() as tx:
        [row] = await statement(tx, colour=Colour.RED, more={"shades": [1, None]})

    assert (row.colour, row.more) == (Colour.RED, {"shades": [1, None]})
    assert isinstance(row.colour, Colour)


async def test_what_waits_in_the_session_is_seen(db: Database) -> None:
    async with db.transaction() as tx:
        tx.add(Mark(id=new_id(), text="waits", version=1))

        assert [row.text for row in await READ(tx, texts=["waits"])] == ["waits"]


async def test_a_list_that_would_change_the_text_is_refused(db: Database) -> None:
    statement = Statement(select(Mark.id).where(Mark.text.in_(bindparam("texts", expanding=True))))

    async with db.reading() as tx:
        with pytest.raises(TypeError, match="one array"):
            await statement(tx, texts=["a", "b"])


async def test_a_constraint_refuses_by_its_name(db: Database) -> None:
    [mark_id] = await added(db, "first")

    with pytest.raises(IntegrityError) as refused:
        async with db.transaction() as tx:
            await ADD(tx, **ROWS.of([{"id": mark_id, "text": "again", "version": 1}]))

    assert violated(refused.value) == "mark_pkey"


async def test_an_object_that_was_loaded_is_the_session_s_own(db: Database) -> None:
    [mark_id] = await added(db, "as it was")

    async with db.transaction() as tx:
        mark = await one(tx, Mark, mark_id)
        assert await one(tx, Mark, mark_id) is mark
        assert await tx.get(Mark, mark_id) is mark
        mark.text = "as it is"

    async with db.reading() as tx:
        assert (await one(tx, Mark, mark_id)).text == "as it is"


async def test_nobody_is_loaded_who_is_not_there(db: Database) -> None:
    async with db.reading() as tx:
        with pytest.raises(NotFound):
            await one(tx, Mark, new_id())


async def test_with_a_lock_it_is_as_the_one_before_has_left_it(db: Database) -> None:
    [mark_id] = await added(db, "")

    async def write(letter: str) -> None:
        async with db.transaction() as tx:
            seen = await one(tx, Mark, mark_id)
            await asyncio.sleep(0)
            mark = await one(tx, Mark, mark_id, lock=True)
            assert mark is seen
            mark.text += letter

    await asyncio.gather(*map(write, "abcd"))

    async with db.reading() as tx:
        assert sorted((await one(tx, Mark, mark_id)).text) == list("abcd")


async def test_what_was_changed_before_the_lock_is_kept(db: Database) -> None:
    [mark_id] = await added(db, "as it was")

    async with db.transaction() as tx:
        (await one(tx, Mark, mark_id)).text = "changed"
        assert (await one(tx, Mark, mark_id, lock=True)).text == "changed"
