"""What handlers gather is done once, at the end of their transaction, or not at all."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from chassis.clock import new_id
from chassis.db import Tx
from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import plan

MARKS = plan(marks.build, ServiceSettings)


@dataclass
class Shouting:
    """Gathers words and writes them in one go."""

    words: list[str] = field(default_factory=list)

    async def finish(self, tx: Tx) -> None:
        tx.add(marks.Mark(id=new_id(), text=" ".join(self.words).upper(), version=1))
        if "poison" in self.words:
            raise ValueError("can't say this")


@dataclass
class Telling:
    """Hands on what it gathered."""

    words: list[str] = field(default_factory=list)

    async def finish(self, tx: Tx) -> None:
        tx.gathered(Shouting).words.extend(self.words)


async def said(tx: Tx) -> list[str]:
    return list((await tx.scalars(select(marks.Mark.text))).all())


async def test_what_was_gathered_is_done_together_before_the_commit(move_in: MoveIn) -> None:
    db = (await move_in(MARKS)).running["marks"].context.db

    async with db.transaction() as tx:
        for word in ("one", "go"):
            tx.gathered(Shouting).words.append(word)

    async with db.transaction() as tx:
        assert await said(tx) == ["ONE GO"]


async def test_what_is_gathered_while_gathered_work_is_done_is_done_too(move_in: MoveIn) -> None:
    db = (await move_in(MARKS)).running["marks"].context.db

    async with db.transaction() as tx:
        tx.gathered(Telling).words.append("pass it on")

    async with db.transaction() as tx:
        assert await said(tx) == ["PASS IT ON"]


async def test_if_it_fails_nothing_of_the_transaction_happened(move_in: MoveIn) -> None:
    db = (await move_in(MARKS)).running["marks"].context.db

    async def fail() -> None:
        async with db.transaction() as tx:
            tx.add(marks.Mark(id=new_id(), text="quiet", version=1))
            tx.gathered(Shouting).words.append("poison")

    with pytest.raises(ValueError, match="can't say this"):
        await fail()

    async with db.reading() as tx:
        assert await said(tx) == []
