"""Many rows in one statement whose text is always the same: each column travels as one array.

A statement with a place for every value is another one for every number of rows. SQLAlchemy then compiles it and
PostgreSQL plans it again and again, which for a batch of facts takes longer than the work they ask for.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Enum,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    column,
    false,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute
from sqlalchemy.types import NullType, TypeEngine


class Many:
    """Rows on their way into a table. Build the statements around them once, at the top of a module.

    What is JSON in the table comes as text: whoever has it has mostly written it already.
    """

    def __init__(self, kind: type[DeclarativeBase] | Table, *names: str) -> None:
        self.table: Table = kind if isinstance(kind, Table) else kind.metadata.tables[kind.__tablename__]
        self.names = names
        types = {name: _sent(self.table.c[name]) for name in names}
        arrays = [bindparam(f"many_{name}", type_=ARRAY(each)) for name, each in types.items()]
        columns = [column(name, each) for name, each in types.items()]
        self.rows = func.unnest(*arrays).table_valued(*columns, name="many").render_derived()
        self.c = self.rows.c

    def insert(self) -> Insert:
        """All of them, in their order."""
        kinds = {name: self.table.c[name].type for name in self.names}
        values = [cast(self.c[name], kind) if isinstance(kind, JSON) else self.c[name] for name, kind in kinds.items()]
        return insert(self.table).from_select(self.names, select(*values))

    def replace(self, *key: str) -> Insert:
        """All of them; a row that has this key already becomes what comes now."""
        statement = self.insert()
        new = {name: statement.excluded[name] for name in self.names if name not in key}
        return statement.on_conflict_do_update(index_elements=key, set_=new)

    def hold(self) -> Insert:
        """Lock them until the transaction ends, those that are missing are made; the first column is the key.

        An upsert locks the rows it finds even where its condition keeps it from writing, so this is one statement.
        Whoever gives the rows in the order of their keys never waits in a ring.
        """
        key, statement = self.names[0], self.insert()
        return statement.on_conflict_do_update(index_elements=[key], set_={key: statement.excluded[key]}, where=false())

    def of(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
        """These rows as the parameters of such a statement."""
        rows = list(rows)
        return {f"many_{name}": [row[name] for row in rows] for name in self.names}


def among(attribute: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    """Whether it is one of the values in the parameter `name`, however many there are."""
    return attribute == any_(bindparam(name, type_=ARRAY(_sent(attribute))))


def _sent(column: Column[Any] | InstrumentedAttribute[Any]) -> TypeEngine[Any]:
    """A closed list is a word to the database, too."""
    if isinstance(column.type, NullType):
        raise TypeError(f"{column} refers to a table that is not loaded yet: give it a type of its own")
    return Text() if isinstance(column.type, Enum | JSON) else column.type
