"""The base of inventory's tables, and how rows learnt from facts stay the newest ones."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase

from chassis.db import COLUMNS, Tx, metadata


class Record(DeclarativeBase):
    metadata = metadata()
    type_annotation_map = COLUMNS


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """The closed list, held by the database as well."""
    words = ", ".join(f"'{word}'" for word in kind)
    return CheckConstraint(f"{column} IN ({words})", name=column)


async def keep_newest(tx: Tx, kind: type[Record], row: Mapping[str, Any]) -> None:
    """Store what a fact said about a thing, unless a newer fact was here first."""
    statement = insert(kind).values(dict(row))
    version = kind.__table__.c.version
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_=dict(row), where=version < statement.excluded.version
        )
    )
