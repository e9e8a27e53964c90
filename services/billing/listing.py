"""Lists that can be sorted by several columns and still be paged by where the last page ended."""

from typing import Any

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from chassis.http import Paging

Rows = Select[*tuple[Any, ...]]
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


def page_of(rows: Rows, paging: Paging, *, by: Column, unique: Column, descending: bool) -> Rows:
    """One row more than a page of `rows`, in this order, from where the page before ended."""
    columns = (by, unique)
    if seen := paging.after(*(column.type.python_type for column in columns)):
        after = tuple_(*seen)
        rows = rows.where(tuple_(*columns) < after if descending else tuple_(*columns) > after)
    order = [column.desc() if descending else column.asc() for column in columns]
    return rows.order_by(*order).limit(paging.limit + 1)
