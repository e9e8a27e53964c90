"""Lists that can be sorted by several columns and still be paged by where the last page ended."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from chassis.http import BadCursor, Paging

Rows = Select[*tuple[Any, ...]]
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


def _whole_number(text: str) -> int:
    if len(text) > 18:
        raise ValueError("no number of ours")
    return int(text)


_PARSERS: dict[type, Callable[[str], Any]] = {date: date.fromisoformat, int: _whole_number, UUID: UUID}


def page_of(rows: Rows, paging: Paging, *, by: Column, unique: Column, descending: bool) -> Rows:
    """One row more than a page of `rows`, in this order, from where the page before ended."""
    columns = (by, unique)
    if paging.after is not None:
        after = tuple_(*_parsed(paging.after, columns))
        rows = rows.where(tuple_(*columns) < after if descending else tuple_(*columns) > after)
    order = [column.desc() if descending else column.asc() for column in columns]
    return rows.order_by(*order).limit(paging.limit + 1)


def _parsed(after: list[Any], columns: tuple[Column, ...]) -> list[Any]:
    try:
        return [_PARSERS[column.type.python_type](value) for value, column in zip(after, columns, strict=True)]
    except ValueError as error:
        raise BadCursor from error
