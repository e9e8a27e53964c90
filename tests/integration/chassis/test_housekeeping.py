"""What has served its time goes, and nothing else does."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from chassis import timers
from chassis.command import ANSWERS
from chassis.context import Context
from chassis.db import Tx
from chassis.errors import Unavailable
from chassis.housekeeping import KEEP_ANSWERS, KEEP_FACTS, old_rows, tidy
from chassis.inbox import INBOX
from chassis.outbox import OUTBOX
from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import plan
from tests.support.tokens import a_member_of_staff

MARKS = plan(marks.build, ServiceSettings)


async def kept(tx: Tx) -> tuple[int, ...]:
    found = [await tx.scalar(select(func.count()).select_from(table)) for table in (ANSWERS, OUTBOX, INBOX)]
    return tuple(each or 0 for each in found)


async def test_answers_go_first_then_facts_that_were_published_and_never_one_that_was_not(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    context = house.running["marks"].context
    client = house.client("marks", a_member_of_staff("marker"))
    await client.post("/marks", json={"text": "told"}, headers={"idempotency-key": "told-1234"})
    await house.settle()
    await client.post("/marks", json={"text": "waiting"}, headers={"idempotency-key": "waiting-1"})
    async with context.db.reading() as tx:
        written = await tx.scalar(select(func.max(ANSWERS.c.created_at)))
    assert written is not None

    house.clock.set(written + KEEP_ANSWERS + timedelta(minutes=1))
    await tidy(context)
    async with context.db.reading() as tx:
        after_days = await kept(tx)
    house.clock.set(written + KEEP_FACTS + timedelta(minutes=1))
    await tidy(context)
    async with context.db.reading() as tx:
        after_months = await kept(tx)

    assert (after_days, after_months) == ((0, 2, 1), (0, 1, 0))


async def test_what_is_old_is_found_without_looking_at_what_is_kept(move_in: MoveIn) -> None:
    context = (await move_in(MARKS)).running["marks"].context

    async with context.db.reading() as tx:
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        plans = {}
        for table, old in old_rows(context).items():
            question = str(old.compile(context.db.engine, compile_kwargs={"literal_binds": True}))
            plans[table.name] = "\n".join(await tx.scalars(text(f"EXPLAIN {question}".replace(":", "\\:"))))

    assert "ix_answer_created_at" in plans["answer"]
    assert "Index Cond: (message_id <" in plans["outbox"]
    assert "Index Cond: ((consumer = 'marks'::text) AND (message_id <" in plans["inbox"]


async def loops_that_are_stuck(move_in: MoveIn, timer: timers.Timer) -> list[str]:
    """What `/ready` would say of a service of which this timer fails for a minute."""
    running = (await move_in(MARKS)).running["marks"]
    running.timers = (timer,)
    running.start()
    await asyncio.sleep(0.3)
    for pulse in running.pulses:
        pulse.fails = pulse.fails and (pulse.fails[0] - 60, pulse.fails[1])
    stuck = [pulse.name for pulse in running.pulses if pulse.is_stuck]
    await running.finish()
    return stuck


async def fails(_: Context) -> int:
    raise ValueError


async def finds_a_peer_away(_: Context) -> int:
    raise Unavailable(peer="booking")


@pytest.mark.parametrize(
    ("timer", "stuck"),
    [
        (timers.every(seconds=1, do=fails), ["timer fails"]),
        (timers.every(seconds=1, do=fails, is_vital=False), []),
        (timers.every(seconds=1, do=finds_a_peer_away), []),
    ],
)
async def test_a_service_stays_ready_when_it_could_not_tidy_up_or_waits_for_another(
    move_in: MoveIn, timer: timers.Timer, stuck: list[str]
) -> None:
    assert await loops_that_are_stuck(move_in, timer) == stuck
