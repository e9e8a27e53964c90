"""Lists as files: complete, harmless to a spreadsheet, and stopped when nobody reads any more."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import uuid4

import pytest
from asyncpg.exceptions import PostgresError
from sqlalchemy import Numeric, cast, func, literal, select, text

from chassis.clock import new_id
from chassis.db import Database
from chassis.export import Rows, csv_pieces
from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import plan

MARKS = plan(marks.build, ServiceSettings)
MANY = 50_000


async def a_database(move_in: MoveIn, *texts: str) -> Database:
    db = (await move_in(MARKS)).running["marks"].context.db
    async with db.transaction() as tx:
        tx.add_all([marks.Mark(id=new_id(), text=each, version=number) for number, each in enumerate(texts)])
    return db


async def read(pieces: AsyncIterator[bytes]) -> list[list[str]]:
    whole = b"".join([piece async for piece in pieces])
    return list(csv.reader(io.StringIO(whole.decode(), newline="")))


def marked() -> Rows:
    return select(marks.Mark.text.label("told"), marks.Mark.version.label("version")).order_by(marks.Mark.version)


def very_many() -> Rows:
    number = func.generate_series(1, MANY).column_valued("number")
    return select(number.label("number"), func.repeat("x", 200).label("filling"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＠", "\t", "\r", "\n"])
async def test_no_text_becomes_a_formula(move_in: MoveIn, start: str) -> None:
    db = await a_database(move_in, f'{start}HYPERLINK("x")', "plain, with a comma")

    rows = await read(csv_pieces(db, marked()))

    assert rows == [["told", "version"], [f'\'{start}HYPERLINK("x")', "0"], ["plain, with a comma", "1"]]


async def test_numbers_stay_numbers_also_below_zero(move_in: MoveIn) -> None:
    db = await a_database(move_in)
    amounts = select(cast(literal(-5), Numeric(10, 2)).label("amount"), literal(-7).label("count"))

    assert await read(csv_pieces(db, amounts)) == [["amount", "count"], ["-5.00", "-7"]]


async def test_a_list_without_rows_has_its_header_and_conditions_are_kept(move_in: MoveIn) -> None:
    db = await a_database(move_in, "a", "b'; DROP TABLE mark; --")

    none = await read(csv_pieces(db, marked().where(marks.Mark.id.in_([uuid4(), uuid4()]))))
    one = await read(csv_pieces(db, marked().where(marks.Mark.text == "b'; DROP TABLE mark; --")))

    assert none == [["told", "version"]]
    assert one[1:] == [["b'; DROP TABLE mark; --", "1"]]


async def test_many_rows_arrive_in_pieces_and_whole(move_in: MoveIn) -> None:
    db = await a_database(move_in)

    sizes = [len(piece) async for piece in csv_pieces(db, very_many())]

    assert sum(sizes) > MANY * 200
    assert max(sizes) < sum(sizes) / 10


async def test_a_reader_who_goes_away_stops_the_work_and_the_connection_serves_again(move_in: MoveIn) -> None:
    db = await a_database(move_in)

    async with aclosing(csv_pieces(db, very_many())) as pieces:
        await anext(pieces)

    async with db.reading() as tx:
        assert (
            await tx.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'"))
            == 0
        )
    rows = await asyncio.gather(*(read(csv_pieces(db, marked())) for _ in range(12)))
    assert rows == [[["told", "version"]]] * 12


async def test_a_query_that_fails_is_not_taken_for_a_short_list(move_in: MoveIn) -> None:
    db = await a_database(move_in, "a")

    with pytest.raises(PostgresError, match="division by zero"):
        await read(csv_pieces(db, select((literal(1) / (marks.Mark.version)).label("never"))))
