"""What waits in the outbox, as the text in which it lies there, and what became of it.

A relay passes facts on, so nothing is made of a row that nobody looks at: rows come straight from the driver, on the
connection that the relay leads with, in statements that it keeps prepared.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import asyncpg
from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.message import Message

# A blocked fact holds back what came later of the same thing, and nothing else. The list of such things is empty as
# good as always and read once; only for what is on it the second question is asked.
_WAITING = """
SELECT id, headers::text, payload::text FROM outbox AS fact
 WHERE published_at IS NULL
   AND (aggregate_id <> ALL (ARRAY(
          SELECT aggregate_id FROM outbox WHERE published_at IS NULL AND blocked_reason IS NOT NULL))
     OR id < (
          SELECT min(id) FROM outbox AS blocked
           WHERE blocked.aggregate_id = fact.aggregate_id AND published_at IS NULL AND blocked_reason IS NOT NULL))
 ORDER BY id LIMIT $1 FOR UPDATE
"""
# Told how few rows usually wait, the planner would fetch and sort all of them for each batch: with a backlog, work
# that grows with its square. The index of what waits has them in order.
_IN_ORDER_OF_THE_INDEX = "SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
_MARK = "UPDATE outbox SET published_at = now() WHERE id = ANY ($1::bigint[])"
_BLOCK = "UPDATE outbox SET blocked_reason = $2 WHERE id = $1 RETURNING message_id::text, type"


class Waiting(NamedTuple):
    """A row that was not published yet; locked until the transaction ends."""

    id: int
    message: Message


async def driver_of(connection: AsyncConnection) -> asyncpg.Connection:
    """The driver's own connection in ours; what is done on it is no part of a transaction of ours."""
    return cast("asyncpg.Connection", (await connection.get_raw_connection()).driver_connection)


async def waiting(driver: asyncpg.Connection, *, limit: int) -> list[Waiting]:
    """The first that wait, in their order; inside a transaction."""
    await driver.execute(_IN_ORDER_OF_THE_INDEX)
    return [_read(*row) for row in await driver.fetch(_WAITING, limit)]


async def mark(driver: asyncpg.Connection, published: Sequence[Waiting]) -> None:
    """The bus has them."""
    await driver.execute(_MARK, [row.id for row in published])


async def block(driver: asyncpg.Connection, row: Waiting, *, reason: str) -> tuple[str, str]:
    """No bus takes it, until somebody mends it; returns the fact's id and type."""
    message_id, kind = await driver.fetchrow(_BLOCK, row.id, reason)
    return message_id, kind


def _read(row_id: int, headers: str, payload: str) -> Waiting:
    attributes: dict[str, Any] = from_json(headers)
    return Waiting(row_id, Message.undecoded(attributes, payload.encode()))
