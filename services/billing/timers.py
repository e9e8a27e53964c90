"""The clock door of billing."""

from chassis.context import Context
from services.billing.settlements import queries, usecases

BATCH = 200


async def settle_waiting(context: Context) -> int:
    """Settle sessions that could not be when they were completed, now that there is a price."""
    async with context.db.reading() as tx:
        waiting = await queries.settleable(tx, limit=BATCH)
    if not waiting:
        return 0
    async with context.db.transaction() as tx:
        return await usecases.settle_waiting(tx, waiting, at=context.clock.now())
