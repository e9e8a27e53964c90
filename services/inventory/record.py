"""The base of inventory's tables."""

from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import DeclarativeBase

from chassis.db import COLUMNS, metadata


class Record(DeclarativeBase):
    metadata = metadata()
    type_annotation_map = COLUMNS


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """The closed list, held by the database as well."""
    words = ", ".join(f"'{word}'" for word in kind)
    return CheckConstraint(f"{column} IN ({words})", name=column)
