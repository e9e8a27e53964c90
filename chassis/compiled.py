"""Statements and loads that SQLAlchemy puts together once; from then on they go straight to the driver.

The session looks each statement up in its cache and wraps each answer anew, which takes longer than PostgreSQL needs
for it. What is here gives the same rows and the same objects.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, ReturnsRows, bindparam, inspect, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.types import TypeEngine

from chassis import straight

Row = TypeVar("Row", bound=object)
_Change = Callable[[Any], Any] | None
"""Turns a value into what the driver takes, or what it gave into a value; None where they are the same."""
_Parameter = tuple[str, Any, _Change]
"""Name, usual value, and how it is sent."""

_DIALECT = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own


class Statement:
    """One whose text is always the same: what differs are its values, lists of any length (`chassis.many`) included.

    Compiled at its first use, when all tables are known. Answers with named tuples of the columns it returns.
    """

    def __init__(self, built: ReturnsRows) -> None:
        self._built = built

    async def __call__(self, tx: AsyncSession, **values: Any) -> list[Any]:
        """Its rows, none if it returns none; changes that wait in the session are written first."""
        text, parameters, answer = self._ready
        sent = (_changed(send, values.get(name, usual)) for name, usual, send in parameters)
        return [answer(row) for row in await straight.fetch(tx, text, *sent)]

    @cached_property
    def _ready(self) -> tuple[str, list[_Parameter], Callable[[Sequence[Any]], Any]]:
        compiled: Any = self._built.compile(dialect=_DIALECT)
        if "POSTCOMPILE" in compiled.string:
            raise TypeError("a list of values would change the text of this statement: give it as one array")
        kinds = {name: bound.type for bound, name in compiled.bind_names.items()}
        usual = compiled.params
        parameters = [(name, usual[name], _sending(kinds[name])) for name in compiled.positiontup]
        return compiled.string, parameters, _answer(self._built)


def _answer(built: ReturnsRows) -> Callable[[Sequence[Any]], Any]:
    columns = built.exported_columns
    kind: Any = namedtuple("Answer", columns.keys(), rename=True)  # type: ignore[misc]  # known at run time
    reads = [_reading(each.type) for each in columns]
    if not any(reads):
        made: Callable[[Sequence[Any]], Any] = kind._make
        return made
    return lambda row: kind._make(map(_changed, reads, row))


class Loading(Generic[Row]):
    """One object by its id, as the session would load it: the session writes what is changed of it."""

    def __init__(self, kind: type[Row]) -> None:
        self._mapper: Mapper[Row] = inspect(kind)
        columns = self._mapper.columns
        self._reads = [(self._mapper.get_property_by_column(each).key, _reading(each.type)) for each in columns]
        chosen = select(*columns).where(self._mapper.primary_key[0] == bindparam("key"))
        self._reading = str(chosen.compile(dialect=_DIALECT))
        self._locking = str(chosen.with_for_update(key_share=True).compile(dialect=_DIALECT))

    async def __call__(self, tx: AsyncSession, key: UUID, *, lock: bool) -> Row | None:
        """None if there is none; with `lock`, it is as it stands now, and nobody else's until the transaction ends."""
        known: Row | None = tx.identity_map.get(self._mapper.identity_key_from_primary_key((key,)))
        if known is not None and not lock:
            return known
        found = await straight.fetch(tx, self._locking if lock else self._reading, key)
        if not found:
            return None
        values = {name: _changed(read, value) for (name, read), value in zip(self._reads, found[0], strict=True)}
        if known is None:
            return self._enter(tx, values)
        for name, value in values.items():
            set_committed_value(known, name, value)
        return known

    def _enter(self, tx: AsyncSession, values: dict[str, Any]) -> Row:
        row = self._mapper.class_manager.new_instance()
        for name, value in values.items():
            set_committed_value(row, name, value)
        make_transient_to_detached(row)
        tx.add(row)
        return row


_LOADINGS: dict[type, Loading[Any]] = {}


def loading(kind: type[Row]) -> Loading[Row]:
    """How objects of this kind are loaded; put together once."""
    found = _LOADINGS.get(kind)
    if found is None:
        found = _LOADINGS[kind] = Loading(kind)
    return found


def _sending(kind: TypeEngine[Any]) -> _Change:
    if isinstance(kind, ARRAY) and _sending(kind.item_type) is None:
        return None  # else it would be copied, value by value
    change: _Change = kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    return change


def _reading(kind: TypeEngine[Any]) -> _Change:
    change: _Change = kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
    return change


def _changed(change: _Change, value: Any) -> Any:
    return value if change is None else change(value)
