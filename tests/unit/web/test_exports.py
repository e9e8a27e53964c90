"""A file is text for people, and no text in it becomes a formula."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from contracts.values import Money
from web.exports import BOM, Cell, amount, cell, csv_file, every_page


@pytest.mark.parametrize("text", ["=1+1", "+15550100", "-2", "@SUM(A1)", "＝cmd|calc", "＠SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_would_be_a_formula_is_quoted(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(-5, "-5"), (None, ""), (date(2026, 11, 23), "2026-11-23"), (Money(minor=-105), "-1.05"), ("Ann-Lee", "Ann-Lee")],
)
def test_numbers_and_dates_stay_what_they_are(value: Cell, shown: str) -> None:
    assert cell(value) == shown


def test_an_amount_has_its_cents() -> None:
    assert [amount(Money(minor=minor)) for minor in (59900, 5, 0)] == ["599.00", "0.05", "0.00"]


async def test_a_file_is_written_batch_by_batch_under_one_header() -> None:
    async def batches() -> AsyncIterator[list[tuple[Cell, ...]]]:
        yield [("Mary, Ann", 1)]
        yield [("=cmd", 2)]

    response = await csv_file("recalls", ("Patient", "Count"), batches())
    written = "".join([str(piece) async for piece in response.body_iterator])

    assert written == f'{BOM}Patient,Count\r\n"Mary, Ann",1\r\n\'=cmd,2\r\n'
    assert response.headers["content-disposition"] == 'attachment; filename="recalls.csv"'


async def test_all_pages_are_read_to_the_last() -> None:
    pages = {None: ([1, 2], "two"), "two": ([3], None)}

    async def ask(cursor: str | None) -> tuple[list[int], str | None]:
        return pages[cursor]

    assert [item async for items in every_page(ask) for item in items] == [1, 2, 3]
