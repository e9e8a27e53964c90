"""One database per service: engine, the transaction that a door opens, and how rows are found and locked."""

from asyncio import Event
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any, NewType, Protocol, TypeVar
from uuid import UUID

from asyncpg.exceptions import InternalClientError
from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, MetaData, Text, Uuid, event, inspect, select
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from chassis import outbox
from chassis.compiled import loading
from chassis.crash import crash_point
from chassis.errors import NotFound
from chassis.settings import ServiceSettings
from contracts import values
from contracts.envelope import Envelope

Row = TypeVar("Row", bound=object)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""One rule for the names of constraints, so that migrations and error mapping can rely on them."""

_IDS = [value for value in vars(values).values() if isinstance(value, NewType)]

COLUMNS: dict[Any, Any] = {
    **dict.fromkeys(_IDS, Uuid),
    datetime: DateTime(timezone=True),
    date: Date,
    UUID: Uuid,
    int: BigInteger,
    str: Text,
    dict[str, Any]: JSONB,
    list[Any]: JSONB,
    Enum: EnumColumn(
        Enum, native_enum=False, length=40, values_callable=lambda kind: [member.value for member in kind]
    ),
}
"""How a Python annotation becomes a column; pass as `type_annotation_map` of a service's declarative class."""


def metadata() -> MetaData:
    """A fresh set of tables with our constraint names; each service has its own."""
    return MetaData(naming_convention=NAMES)


def one_of(column: str, kind: type[StrEnum], *, name: str | None = None) -> CheckConstraint:
    """The closed list of a column, held by the database as well."""
    words = ", ".join(f"'{word}'" for word in kind)
    return CheckConstraint(f"{column} IN ({words})", name=name or column)


class Gathered(Protocol):
    """What the handlers of one transaction put together, to be done in few statements before it commits."""

    async def finish(self, tx: "Tx") -> None: ...


Gathering = TypeVar("Gathering", bound=Gathered)


class Tx(outbox.Facts, AsyncSession):
    """One transaction: a session that also collects the facts it made. Only a door opens it, nobody else commits."""

    envelope: Envelope | None = None
    """Of the fact being handled; None at an HTTP or clock door."""

    def gathered(self, kind: type[Gathering]) -> Gathering:
        """The one `kind` of this transaction; its `finish` runs once, after the last handler of the batch."""
        found: Gathering = self.info.setdefault("gathered", {}).setdefault(kind, kind())
        return found

    async def finish(self) -> None:
        """Do what was gathered, and what that gathers; the door's transaction calls it, nobody else."""
        while gathered := self.info.pop("gathered", None):
            for each in gathered.values():
                await each.finish(self)


class Database:
    """The pool of one service, and the only place that begins and commits."""

    def __init__(self, settings: ServiceSettings, *, name: str) -> None:
        self.name = name
        self.has_facts = Event()
        """Set after each commit that wrote facts: wakes the relay of this process, or makes it knock for another's."""
        self.engine = _engine(settings, name=name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Everything in the block happens, or nothing does; facts are written last, behind their aggregates' locks."""
        async with Tx(self.engine, expire_on_commit=False) as tx:
            async with tx.begin():
                yield tx
                await tx.finish()
                if wrote := await outbox.write(tx, service=self.name):
                    crash_point("facts.written")
            if wrote:
                crash_point("facts.committed")
                self.has_facts.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Tx]:
        """For queries: what the block would change is thrown away."""
        async with Tx(self.engine, expire_on_commit=False) as tx:
            yield tx

    async def close(self) -> None:
        await self.engine.dispose()


def _engine(settings: ServiceSettings, *, name: str) -> AsyncEngine:
    engine = create_async_engine(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool_size,
        max_overflow=0,
        pool_timeout=5,  # seconds; then the caller gets 503, not a queue without end
        pool_recycle=1800,  # seconds
        hide_parameters=True,  # a statement's values never reach a log
        connect_args={
            "timeout": 10,  # seconds to connect
            "server_settings": {
                "application_name": f"needlepoint-{name}",
                "statement_timeout": str(settings.statement_timeout_ms),
                "lock_timeout": str(settings.lock_timeout_ms),
                "idle_in_transaction_session_timeout": str(settings.idle_in_transaction_timeout_ms),
                "timezone": "UTC",
                "jit": "off",  # our statements are short; compiling them costs more than running them
                # A machine that went silently gives back its locks after a minute, not after two hours.
                "tcp_keepalives_idle": "30",  # seconds
                "tcp_keepalives_interval": "10",  # seconds
                "tcp_keepalives_count": "3",
            },
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_a_begun_one)
    return engine


def _refuse_a_begun_one(connection: Any, _record: Any, _proxy: Any) -> None:
    """A transaction that somebody left open would swallow the next one's COMMIT; the pool then opens a fresh one."""
    if connection.driver_connection.is_in_transaction():
        raise DisconnectionError("somebody's transaction is still open")


async def one(tx: Tx, kind: type[Row], key: UUID, *, lock: bool = False) -> Row:
    """The row with this id, else `NotFound`; with `lock`, no other writer gets it until the transaction ends."""
    row = await loading(kind)(tx, key, lock=lock)
    if row is None:
        raise NotFound(kind=kind.__name__.lower(), id=str(key))
    return row


async def lock_sorted(tx: Tx, kind: type[Row], keys: Iterable[UUID]) -> Sequence[Row]:
    """Lock several rows in the order of their ids, so that two transactions never wait for each other."""
    column = inspect(kind).primary_key[0]
    found = await tx.scalars(
        select(kind).where(column.in_(sorted(set(keys)))).order_by(column).with_for_update(key_share=True)
    )
    return found.all()


async def keep_newest(tx: Tx, kind: type[DeclarativeBase], row: Mapping[str, Any]) -> None:
    """Store what a fact said about a thing, unless a newer fact was here first."""
    statement = insert(kind).values(dict(row))
    version = kind.__table__.c.version
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_=dict(row), where=version < statement.excluded.version
        )
    )


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint that refused, to be turned into a domain error where it is understood."""
    cause = error.orig.__cause__ if error.orig else None
    return getattr(cause, "constraint_name", None)


RETRY_AT_ONCE = frozenset({"40001", "40P01"})
"""Serialisation failure and deadlock: nothing was done, the same request may simply run again."""
_TRANSIENT = RETRY_AT_ONCE | {"55P03", "57014", "57P01", "57P02", "57P03", "53300", "53100", "25P03"}
"""… and: time-outs (lock, statement, idle transaction), server going or coming up, no connection left, disk full."""


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's five-letter code of an error, if it is one."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def took_too_long(error: BaseException) -> bool:
    """Whether a statement ran into its time-out: less of it at once may pass."""
    return sqlstate(error) == "57014"


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed a little later without anybody mending anything."""
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError | InternalClientError):
        return True  # the last: the driver has heard that the server ends, and not yet that it has gone
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or sqlstate(error) in _TRANSIENT or isinstance(error, InterfaceError)
    return False
