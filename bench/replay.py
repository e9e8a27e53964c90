"""The statements that a request makes, caught once and done again bare, for other things at another time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import straight
from chassis.db import Database


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    values: tuple[Any, ...]


@contextmanager
def caught(db: Database) -> Iterator[list[Statement]]:
    """What is sent to this database as long as the block lasts, by the session or straight; without COMMIT."""
    found: list[Statement] = []
    fetch = straight.fetch

    def note(_connection: object, _cursor: object, text: str, values: Sequence[Any], *_more: object) -> None:
        found.append(Statement(text, tuple(values)))

    async def noted(tx: AsyncSession, statement: str, *values: Any) -> Sequence[Sequence[Any]]:
        found.append(Statement(statement, values))
        return await fetch(tx, statement, *values)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    straight.fetch = noted
    try:
        yield found
    finally:
        straight.fetch = fetch
        event.remove(db.engine.sync_engine, "before_cursor_execute", note)


def altered(statements: Sequence[Statement], other: Mapping[str, str], *, later: timedelta) -> list[Statement]:
    """The same statements about other things, at times that lie so much later."""

    def of(value: Any) -> Any:
        match value:
            case UUID():
                return UUID(other.get(str(value), str(value)))
            case datetime() | date():
                return value + later
            case list() | tuple():
                return [of(each) for each in value]
            case str():
                return _reworded(value, other)
            case _:
                return value

    return [Statement(each.text, tuple(of(value) for value in each.values)) for each in statements]


def _reworded(text: str, other: Mapping[str, str]) -> str:
    """With the other ids in the place of these, also inside JSON."""
    if text in other:
        return other[text]
    for this, that in other.items() if len(text) > 36 else ():
        text = text.replace(this, that)
    return text


async def done_again(connection: asyncpg.Connection, statements: Sequence[Statement]) -> None:
    """In one transaction, nothing in between."""
    async with connection.transaction():
        for each in statements:
            await connection.fetch(each.text, *each.values)
