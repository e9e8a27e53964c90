"""Rows that travel as one array a column."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Enum, update
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.clock import new_id
from chassis.db import COLUMNS, metadata
from chassis.many import Many, among


class Colour(StrEnum):
    RED = "red"


class Base(DeclarativeBase):
    metadata = metadata()
    type_annotation_map = COLUMNS


class Thing(Base):
    __tablename__ = "thing"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    colour: Mapped[Colour] = mapped_column(Enum(Colour, native_enum=False))
    size: Mapped[int | None]
    more: Mapped[dict[str, Any]]


def sql(statement: Any) -> str:
    return " ".join(str(statement.compile(dialect=dialect())).split())  # type: ignore[no-untyped-call]


def test_however_many_rows_there_are_they_come_as_one_array_a_column() -> None:
    things = Many(Thing, "id", "size")
    one, other = new_id(), new_id()

    assert things.of([{"id": one, "size": 3, "colour": "not sent"}, {"id": other, "size": None}]) == {
        "many_id": [one, other],
        "many_size": [3, None],
    }
    assert sql(things.insert()).endswith("FROM unnest($1::UUID[], $2::BIGINT[]) AS anon_1(id, size)")


def test_a_closed_list_travels_as_text_and_what_is_json_becomes_it_on_arrival() -> None:
    written = sql(Many(Thing, "colour", "more").insert())

    assert "unnest($1::TEXT[], $2::TEXT[])" in written
    assert "CAST(anon_1.more AS JSONB)" in written


def test_the_rows_can_be_joined_to() -> None:
    things = Many(Thing, "id", "size")

    change = update(things.table).where(things.table.c.id == things.c.id).values(size=things.c.size)

    assert sql(change) == (
        "UPDATE thing SET size=anon_1.size FROM unnest($1::UUID[], $2::BIGINT[]) AS anon_1(id, size)"
        " WHERE thing.id = anon_1.id"
    )


def test_one_of_many_values_is_asked_for_by_the_same_words() -> None:
    assert sql(among(Thing.id, "wanted")) == "thing.id = ANY ($1::UUID[])"
    assert sql(among(Thing.colour, "wanted")) == "thing.colour = ANY ($1::TEXT[])"
