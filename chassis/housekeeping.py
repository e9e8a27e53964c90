"""Lets go of what has served its time: stored answers, published facts, the marks of the inbox.

Answers are promised for a day (BK-19). Published facts stay longer than the bus keeps them, so that a topic that was
lost can be filled again; inbox marks stay as long, so that nothing of it takes effect twice. Natural keys hold longer.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, Table, delete, select

from chassis.command import ANSWERS
from chassis.context import Context
from chassis.inbox import INBOX
from chassis.outbox import OUTBOX

KEEP_ANSWERS = timedelta(days=3)
KEEP_FACTS = timedelta(days=60)
ROWS_A_TURN = 5_000


async def tidy(context: Context) -> int:
    """Delete what is old, a few thousand rows a transaction; returns how many rows went."""
    now = context.clock.now()
    published_long_ago = OUTBOX.c.published_at < now - KEEP_FACTS
    return (
        await _delete(context, ANSWERS, ANSWERS.c.created_at < now - KEEP_ANSWERS)
        + await _delete(context, OUTBOX, published_long_ago)
        + await _delete(context, INBOX, INBOX.c.processed_at < now - KEEP_FACTS)
    )


async def _delete(context: Context, table: Table, old: ColumnElement[bool]) -> int:
    key = list(table.primary_key.columns)
    total = 0
    while True:
        some = select(*key).where(old).limit(ROWS_A_TURN).cte("some")
        matches = [column == some.c[column.name] for column in key]
        async with context.db.transaction() as tx:
            connection = await tx.connection()
            gone = (await connection.execute(delete(table).where(*matches))).rowcount
        total += gone
        if gone < ROWS_A_TURN:
            return total
