"""Lets go of what has served its time: stored answers, published facts, the marks of the inbox.

Answers are promised for a day (BK-19). Published facts stay longer than the bus keeps them, so that a topic that was
lost can be filled again; inbox marks stay as long, so that nothing of it takes effect twice. Natural keys hold longer.

Facts and marks are found by the index of their ids, which begin with the time: a fact is published, and taken, after it
was made. So a turn costs what it deletes, however many rows are kept.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, select

from chassis.clock import first_id_at
from chassis.command import ANSWERS
from chassis.context import Context
from chassis.inbox import INBOX
from chassis.outbox import OUTBOX

KEEP_ANSWERS = timedelta(days=3)
KEEP_FACTS = timedelta(days=60)
ROWS_A_TURN = 5_000


async def tidy(context: Context) -> int:
    """Delete what is old, a few thousand rows a transaction; returns how many rows went."""
    return sum([await _delete(context, table, some) for table, some in old_rows(context).items()])


def old_rows(context: Context) -> dict[Table, Select[Any]]:
    """The keys of a few thousand rows of each table that have served their time."""
    now = context.clock.now()
    made_long_ago = first_id_at(now - KEEP_FACTS)
    facts = OUTBOX.c.message_id < made_long_ago, OUTBOX.c.published_at < now - KEEP_FACTS
    marks = INBOX.c.message_id < made_long_ago, INBOX.c.processed_at < now - KEEP_FACTS
    return {
        ANSWERS: _some(ANSWERS, ANSWERS.c.created_at < now - KEEP_ANSWERS).order_by(ANSWERS.c.created_at),
        OUTBOX: _some(OUTBOX, *facts).order_by(OUTBOX.c.message_id),
        INBOX: _some(INBOX, INBOX.c.consumer == context.service, *marks).order_by(INBOX.c.message_id),
    }


def _some(table: Table, *old: ColumnElement[bool]) -> Select[Any]:
    return select(*table.primary_key.columns).where(*old).limit(ROWS_A_TURN)


async def _delete(context: Context, table: Table, old: Select[Any]) -> int:
    key = list(table.primary_key.columns)
    some = old.cte("some")
    total = 0
    while True:
        matches = [column == some.c[column.name] for column in key]
        async with context.db.transaction() as tx:
            connection = await tx.connection()
            gone = (await connection.execute(delete(table).where(*matches))).rowcount
        total += gone
        if gone < ROWS_A_TURN:
            return total
