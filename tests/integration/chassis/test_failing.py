"""One fact that fails costs its neighbours in the batch next to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from chassis.clock import new_id
from chassis.db import Database, Tx
from chassis.errors import Unavailable
from chassis.inbox import Consumer, Handler
from chassis.message import Message
from chassis.outbox import emit
from chassis.parked import PARKED
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import NOON, plan

MARKS = plan(marks.build, ServiceSettings)
HASTY = plan(marks.build, ServiceSettings, statement_timeout_ms=600)
TAKEN = new_id()


async def facts(db: Database, *texts: str) -> list[Message]:
    """A fact about a new mark for each text, as a carrier delivers it."""
    found: list[Message] = []

    class Keeping:
        async def publish(self, messages: Sequence[Message]) -> None:
            found.extend(messages)

    async with db.transaction() as tx:
        for text in texts:
            emit(tx, marks.MarkMade(mark_id=new_id(), version=1, at=NOON, text=text))
    await Relay(db, Keeping()).drain()
    return found


async def heard(db: Database) -> list[str]:
    async with db.reading() as tx:
        return sorted(await tx.scalars(select(marks.Heard.text)))


async def parked(db: Database) -> list[tuple[str, int]]:
    async with db.reading() as tx:
        rows = await tx.execute(select(PARKED.c.reason, PARKED.c.attempts))
        return [(row.reason, row.attempts) for row in rows]


def ear(db: Database, handler: Handler) -> Consumer:
    return Consumer(db, {marks.MarkMade: handler}, name="marks")


async def test_a_fact_that_no_constraint_ever_lets_in_is_parked_in_one_delivery_and_the_others_go_on(
    move_in: MoveIn,
) -> None:
    db = (await move_in(MARKS)).running["marks"].context.db
    async with db.transaction() as tx:
        tx.add(marks.Heard(id=TAKEN, mark_id=new_id(), text="first"))

    async def collide(tx: Tx, fact: marks.MarkMade) -> None:
        tx.add(marks.Heard(id=TAKEN if fact.text == "twice" else new_id(), mark_id=fact.mark_id, text=fact.text))

    await ear(db, collide).handle(await facts(db, "before", "twice", "bystander"))

    assert await heard(db) == ["before", "bystander", "first"]
    assert await parked(db) == [("IntegrityError", 5)]


async def test_a_fact_that_lost_a_race_wins_the_next_one(move_in: MoveIn) -> None:
    db = (await move_in(MARKS)).running["marks"].context.db
    async with db.transaction() as tx:
        tx.add(marks.Heard(id=TAKEN, mark_id=new_id(), text="first"))
    tries = 0

    async def collide_thrice(tx: Tx, fact: marks.MarkMade) -> None:
        nonlocal tries
        tries += 1
        tx.add(marks.Heard(id=TAKEN if tries <= 3 else new_id(), mark_id=fact.mark_id, text=fact.text))

    await ear(db, collide_thrice).handle(await facts(db, "late"))

    assert (await heard(db), await parked(db)) == (["first", "late"], [])


@dataclass
class Slow:
    """As long as there are facts in the batch, in one statement."""

    seconds: float = 0

    async def finish(self, tx: Tx) -> None:
        await tx.execute(select(func.pg_sleep(self.seconds)))


async def slowly(tx: Tx, fact: marks.MarkMade) -> None:
    tx.gathered(Slow).seconds += 2 if fact.text == "endless" else 0.2
    await marks.on_mark_made(tx, fact)


async def test_a_batch_that_takes_longer_than_a_statement_may_is_taken_one_by_one(move_in: MoveIn) -> None:
    db = (await move_in(HASTY)).running["marks"].context.db

    await ear(db, slowly).handle(await facts(db, "a", "b", "c", "d", "e"))

    assert (await heard(db), await parked(db)) == (["a", "b", "c", "d", "e"], [])


async def test_a_single_fact_that_takes_too_long_is_tried_again_later(move_in: MoveIn) -> None:
    db = (await move_in(HASTY)).running["marks"].context.db

    with pytest.raises(Unavailable):
        await ear(db, slowly).handle(await facts(db, "a", "endless"))

    assert (await heard(db), await parked(db)) == (["a"], [])
