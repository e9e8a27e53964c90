"""Lists as CSV files: PostgreSQL writes the rows and we pass them on, so a million need no more memory than one.

Text that a spreadsheet would take for a formula gets an apostrophe in front (ASVS 1.2.10); numbers stay numbers.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from asyncpg import Connection
from fastapi.responses import StreamingResponse
from sqlalchemy import ColumnElement, Enum, Select, String, case, func, literal
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.db import Database

Rows = Select[*tuple[Any, ...]]

TIMEOUT_SECONDS = 600
PIECES_AHEAD = 4
"""How many pieces PostgreSQL may be ahead of a slow reader; then it waits."""
FORMULA = tuple(map(ord, "=+-@＝＋－＠\t\r\n"))
"""How a text begins that a spreadsheet takes for a formula; in full width where it is a Japanese one. By the first
character: an expression to match would take as long as all the rest of a row."""
MEDIA_TYPE = "text/csv"


class CSVResponse(StreamingResponse):
    media_type = MEDIA_TYPE


def csv_file(db: Database, rows: Rows, *, name: str) -> CSVResponse:
    """The rows of a query as a file to download; its labels are the header."""
    headers = {"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store"}
    return CSVResponse(csv_pieces(db, rows), headers=headers)


async def csv_pieces(db: Database, rows: Rows) -> AsyncGenerator[bytes]:
    """The same in pieces, as PostgreSQL hands them over; at least the header."""
    query, arguments = _compiled(db, guarded(rows))
    pieces: asyncio.Queue[bytes | None] = asyncio.Queue(PIECES_AHEAD)
    async with db.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        writing = asyncio.create_task(_write(driver, query, arguments, pieces))
        try:
            while (piece := await pieces.get()) is not None:
                yield bytes(piece)  # the driver hands over a bytearray, which Starlette takes for text
            await writing
        finally:
            if not writing.done():
                await _abandon(connection, writing)


def guarded(rows: Rows) -> Rows:
    """The same columns, the text of each made harmless to a spreadsheet."""
    return rows.with_only_columns(*(_guarded(column) for column in rows.selected_columns))


def _guarded(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if not isinstance(column.type, String) or isinstance(column.type, Enum):
        return column  # a number, a date, or a word of our own
    harmless = case((func.ascii(column).in_(FORMULA), literal("'").concat(column)), else_=column)
    return harmless.label(column.key or "text")


def _compiled(db: Database, rows: Rows) -> tuple[str, Sequence[Any]]:
    """The statement as the driver takes it: `$1`, `$2`, and their values."""
    compiled = rows.compile(dialect=db.engine.dialect, compile_kwargs={"render_postcompile": True})
    values = compiled.params
    return str(compiled), [values[name] for name in compiled.positiontup or ()]


async def _abandon(connection: AsyncConnection, writing: asyncio.Task[None]) -> None:
    """The reader went away in the middle of a COPY: this connection is of no further use, so it is closed."""
    writing.cancel()
    await asyncio.wait([writing])
    if not writing.cancelled():
        writing.exception()  # looked at: nobody is left to tell
    await connection.invalidate()


async def _write(driver: Connection, query: str, arguments: Sequence[Any], pieces: asyncio.Queue[bytes | None]) -> None:
    try:
        async with driver.transaction(readonly=True):
            await driver.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_SECONDS}s'")
            await driver.copy_from_query(query, *arguments, output=pieces.put, format="csv", header=True)
    except Exception:
        await pieces.put(None)  # the reader finds the error behind the last piece
        raise
    await pieces.put(None)
