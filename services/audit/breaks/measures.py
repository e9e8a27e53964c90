"""The number that operators watch before they look at the board."""

from prometheus_client import Gauge

from chassis.context import Context
from services.audit.breaks import queries

OPEN_BREAKS = Gauge(
    "needlepoint_open_breaks", "Completed sessions to which money, stock, aftercare or recall is missing."
)


async def count_open_breaks(context: Context) -> None:
    async with context.db.reading() as tx:
        OPEN_BREAKS.set(await queries.count_open(tx))
