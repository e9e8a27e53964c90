"""What has served its time goes, and nothing else does."""

from datetime import timedelta

from sqlalchemy import func, select

from chassis.command import ANSWERS
from chassis.db import Tx
from chassis.housekeeping import KEEP_ANSWERS, KEEP_FACTS, tidy
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
