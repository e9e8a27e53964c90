"""The smallest service there is: makes marks, tells them, and counts those it hears of. For tests of the chassis."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.auth import Scope, require
from chassis.clock import new_id
from chassis.command import Commanded
from chassis.db import COLUMNS, Tx, metadata, one
from chassis.errors import Conflict, NotFound
from chassis.http import Db, refuses, router
from chassis.outbox import emit
from chassis.service import Service
from chassis.settings import ServiceSettings
from contracts.envelope import Fact
from contracts.parking import ParkedMessageClosed


class MarkMade(Fact):
    type: ClassVar[str] = "marks.mark-made"
    aggregate: ClassVar[str] = "mark"
    key: ClassVar[str] = "mark_id"

    mark_id: UUID
    text: str


class MarksParkedMessageClosed(ParkedMessageClosed):
    type: ClassVar[str] = "marks.parked-message-closed"


class Record(DeclarativeBase):
    metadata = metadata()
    type_annotation_map = COLUMNS


class AlreadyMarked(Conflict):
    """This mark was made before."""


class Mark(Record):
    __tablename__ = "mark"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    text: Mapped[str]
    version: Mapped[int]

    def remake(self, text: str, *, at: datetime) -> MarkMade:
        if text == self.text:
            raise AlreadyMarked(text=text)
        self.text, self.version = text, self.version + 1
        return MarkMade(mark_id=self.id, version=self.version, at=at, text=text)


class Heard(Record):
    __tablename__ = "heard"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    mark_id: Mapped[UUID]
    text: Mapped[str]


class MarkIn(BaseModel):
    text: str


class MarkOut(BaseModel):
    id: UUID
    text: str
    version: int


api = router("/marks", tag="marks")
Marker = Annotated[Scope, require("marker", services=("friend",))]


@api.post("", status_code=201)
async def make(body: MarkIn, command: Commanded, _: Marker) -> MarkOut:
    async with command.transaction() as tx:
        mark = Mark(id=new_id(), text=body.text, version=1)
        tx.add(mark)
        emit(tx, MarkMade(mark_id=mark.id, version=1, at=command.context.clock.now(), text=body.text))
        return command.answer(MarkOut(id=mark.id, text=mark.text, version=1), status=201)


@api.put("/{mark_id}", responses=refuses(AlreadyMarked, NotFound))
async def remake(mark_id: UUID, body: MarkIn, command: Commanded, _: Marker) -> MarkOut:
    async with command.transaction() as tx:
        mark = await one(tx, Mark, mark_id, lock=True)
        emit(tx, mark.remake(body.text, at=command.context.clock.now()))
        return command.answer(MarkOut(id=mark.id, text=mark.text, version=mark.version))


@api.get("/{mark_id}", responses=refuses(NotFound))
async def look(mark_id: UUID, db: Db, _: Marker) -> MarkOut:
    async with db.reading() as tx:
        mark = await one(tx, Mark, mark_id)
        return MarkOut(id=mark.id, text=mark.text, version=mark.version)


@api.post("/{first}/touch/{second}")
async def touch(first: UUID, second: UUID, command: Commanded, _: Marker) -> None:
    """Locks in the order it is told: two of these the other way round are a deadlock."""
    async with command.transaction() as tx:
        await one(tx, Mark, first, lock=True)
        await asyncio.sleep(0.05)
        await one(tx, Mark, second, lock=True)
        command.answer(None)


@api.post("/broken")
async def broken(_: Marker) -> None:
    raise RuntimeError("Amelia Bennett, amelia@example.com")


async def on_mark_made(tx: Tx, fact: MarkMade) -> None:
    if fact.text.startswith("poison"):
        raise ValueError("can't swallow this")
    tx.add(Heard(id=new_id(), mark_id=fact.mark_id, text=fact.text))


def build(settings: ServiceSettings) -> Service:
    return Service(
        name="marks",
        title="Marks",
        settings=settings,
        migrations=Path(__file__).parent / "migrations",
        routers=[api],
        subscriptions={MarkMade: on_mark_made},
    )
