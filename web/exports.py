"""Lists as files: CSV that spreadsheets open rightly, and in which no text can become a formula."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

import httpx
from starlette.responses import StreamingResponse

from contracts.values import Money

BOM = "\ufeff"
"""Without it Excel reads UTF-8 as something else."""
ROWS_AT_ONCE = 500
"""Asked for in one question of a service."""
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""In full width where the spreadsheet is a Japanese one."""

Item = TypeVar("Item")
Cell = str | int | bool | Decimal | date | Money | None


def cell(value: Cell) -> str:
    """One value as it stands in the file; a text that a spreadsheet would take for a formula is quoted with '."""
    match value:
        case None:
            return ""
        case Money():
            return amount(value)
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case str():
            return f"'{value}" if value.startswith(FORMULA_STARTS) else value
        case _:
            return str(value)


def amount(money: Money) -> str:
    """599.00, without sign of currency: the currency has a column of its own."""
    whole, cents = divmod(abs(money.minor), 100)
    return f"{'-' if money.minor < 0 else ''}{whole}.{cents:02}"


async def csv_file(
    name: str, header: Sequence[str], batches: AsyncIterator[Iterable[Sequence[Cell]]]
) -> StreamingResponse:
    """A download that is written as it is read; the first batch is read before anything is promised."""
    first = await anext(batches, ())

    async def written() -> AsyncIterator[str]:
        yield BOM + _lines([header]) + _lines(first)
        async for batch in batches:
            yield _lines(batch)

    return _download(name, written())


def passed_on(answer: httpx.Response, name: str) -> StreamingResponse:
    """A service's own file, handed on as it comes; the services guard theirs against formulas too."""

    async def read() -> AsyncIterator[bytes]:
        yield BOM.encode()
        try:
            async for piece in answer.aiter_bytes():
                yield piece
        finally:
            await answer.aclose()

    return _download(name, read())


async def every_page(
    ask: Callable[[str | None], Awaitable[tuple[Sequence[Item], str | None]]],
) -> AsyncIterator[Sequence[Item]]:
    """All pages of a service's list, one after the other."""
    cursor: str | None = None
    while True:
        items, cursor = await ask(cursor)
        yield items
        if cursor is None:
            return


async def whole_list(
    name: str,
    header: Sequence[str],
    ask: Callable[[str | None], Awaitable[tuple[Sequence[Item], str | None]]],
    written: Callable[[Sequence[Item]], Awaitable[Iterable[Sequence[Cell]]]],
) -> StreamingResponse:
    """A service's list as a file, page after page; `written` makes rows of the items of a page."""

    async def batches() -> AsyncIterator[Iterable[Sequence[Cell]]]:
        async for items in every_page(ask):
            yield await written(items)

    return await csv_file(name, header, batches())


async def one_batch(rows: Iterable[Sequence[Cell]]) -> AsyncIterator[Iterable[Sequence[Cell]]]:
    """Rows that are all there already."""
    yield rows


def _download(name: str, content: AsyncIterator[str | bytes]) -> StreamingResponse:
    headers = {"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store"}
    return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=headers)


def _lines(rows: Iterable[Sequence[Cell]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()
