"""Statements that go straight to the driver, for what a busy desk does all day.

For each statement SQLAlchemy takes a quarter of a millisecond of processor time, the driver a fifth of that, and a
booking makes ten. These run on the connection and in the transaction of the session, raise what the session would
raise, and see what was changed in it. Values go as the driver takes them: `$1` in the statement, JSON as text.
"""

import json
from asyncio import CancelledError
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from asyncpg import Connection, exceptions
from sqlalchemy import JSON, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import DeclarativeBase, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

_WAY = "straight"


@dataclass(frozen=True, slots=True)
class _Way:
    connection: AsyncConnection
    driver: Connection


class Carried(Exception):
    """What the driver raised, in the place where SQLAlchemy's errors carry it."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.sqlstate: str | None = getattr(error, "sqlstate", None)
        self.__cause__ = error


async def fetch(tx: AsyncSession, statement: str, *values: Any) -> Sequence[Sequence[Any]]:
    """The rows of a statement; changes that wait in the session are written first."""
    if tx.new or tx.dirty or tx.deleted:
        await tx.flush()
    way = tx.info.get(_WAY) or await _way(tx)
    try:
        if not way.driver.is_in_transaction():
            return await way.connection.run_sync(_beginning, statement, values)
        rows: Sequence[Sequence[Any]] = await way.driver.fetch(statement, *values)
    except (exceptions.PostgresError, exceptions.InterfaceError, exceptions.InternalClientError) as error:
        raise await _as_the_session_would(way, statement, error) from error
    except CancelledError as error:
        # Whether the server began, or did, what was asked is unknown: nobody may get this connection from the pool.
        await way.connection.invalidate(error)
        raise
    return rows


def _beginning(connection: sqlalchemy.Connection, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """The first statement begins the transaction, which has to be the session's, so it goes by SQLAlchemy's cursor."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else ()
    except connection.dialect.loaded_dbapi.Error as error:
        raise error.__cause__ or error from None
    finally:
        cursor.close()


async def _way(tx: AsyncSession) -> _Way:
    connection = await tx.connection()
    raw: Any = await connection.get_raw_connection()
    way: _Way = tx.info.setdefault(_WAY, _Way(connection, raw.driver_connection))
    return way


async def _as_the_session_would(way: _Way, statement: str, error: Exception) -> DBAPIError:
    is_lost = way.driver.is_closed() or isinstance(error, exceptions.InternalClientError)
    if is_lost:
        await way.connection.invalidate(error)
    kind: type[DBAPIError] = DBAPIError
    if isinstance(error, exceptions.IntegrityConstraintViolationError):
        kind = IntegrityError
    elif isinstance(error, exceptions.InterfaceError):
        kind = InterfaceError
    return kind(statement, None, Carried(error), hide_parameters=True, connection_invalidated=is_lost)


class Insertion:
    """New rows of one kind, without the work of a flush; the object is then as if it had been loaded."""

    def __init__(self, kind: type[DeclarativeBase]) -> None:
        mapper = inspect(kind)
        self._columns = [(mapper.get_property_by_column(each).key, _sent(each.type)) for each in mapper.columns]
        names = ", ".join(each.name for each in mapper.columns)
        places = ", ".join(f"${number}" for number in range(1, len(self._columns) + 1))
        self._statement = f"INSERT INTO {kind.__tablename__} ({names}) VALUES ({places})"  # noqa: S608 - our own names

    async def __call__(self, tx: AsyncSession, row: DeclarativeBase) -> None:
        """Insert it; from now on the session writes what is changed of it."""
        given = row.__dict__
        for name, _ in self._columns:
            if name not in given:
                set_committed_value(row, name, None)  # else it would have to be loaded
        await fetch(tx, self._statement, *[send(given[name]) for name, send in self._columns])
        make_transient_to_detached(row)
        tx.add(row)


def _sent(kind: Any) -> Callable[[Any], Any]:
    return _as_json if isinstance(kind, JSON) else _as_it_is


def _as_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _as_it_is(value: Any) -> Any:
    return value
