"""`needlepoint drop`: a parked message that will never be handled."""

import asyncio
from typing import Annotated

import typer

from cli.api import SERVICES
from cli.connection import Connection, connected
from cli.refusal import Refusal, told_plainly
from contracts.parking import DropReason


@connected
@told_plainly
def drop(
    connection: Connection,
    *,
    number: Annotated[int, typer.Argument(help="Its number in the list of `needlepoint replay`.", min=1)],
    service: Annotated[str, typer.Option(help="Where it is parked.")],
    reason: Annotated[DropReason, typer.Option(help="Why nobody will handle it; kept in the record.")],
) -> None:
    """Drop a parked message for good, with a reason; the record of audit tells who did it.

    First see whether it can be replayed: a dropped message has no effect, ever. What waits behind it is handled by the
    next replay. For operators and owners.

    For example:

      needlepoint drop 17 --service billing --reason unreadable
    """
    if service not in SERVICES:
        raise Refusal(f"There is no service {service!r}; there are {', '.join(SERVICES)}.")
    asyncio.run(_drop(connection, service, number, reason))
    print("Dropped. What waited behind it is handled by: needlepoint replay --yes")


async def _drop(connection: Connection, service: str, number: int, reason: DropReason) -> None:
    async with connection.api() as api:
        await api.post(service, f"/parked/{number}/drop", {"reason": reason.value})
