"""The base of inventory's tables."""

from sqlalchemy.orm import DeclarativeBase

from chassis.db import COLUMNS, metadata


class Record(DeclarativeBase):
    metadata = metadata()
    type_annotation_map = COLUMNS
