"""`needlepoint replay`: messages that a service could not handle, listed and handled again."""

import asyncio
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.api import SERVICES, Api
from cli.connection import Connection, connected
from cli.refusal import Refusal, told_plainly


@connected
@told_plainly
def replay(
    connection: Connection,
    *,
    service: Annotated[str | None, typer.Option(help="Only this service.  [default: all]")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Handle them again now; without it nothing is changed.")] = False,
) -> None:
    """List parked messages and, with --yes, handle them again in their order.

    A message is parked when a service fails on it for good; later messages about the same thing wait behind it.
    Mend the cause first, then replay: each takes effect once, however often this is run. What can never be handled is
    dropped by its number (needlepoint drop). For operators and owners.

    For example:

      needlepoint replay --email operator@clinic.example

      needlepoint replay --service billing --yes
    """
    if service not in (None, *SERVICES):
        raise Refusal(f"There is no service {service!r}; there are {', '.join(SERVICES)}.")
    names = [service] if service else list(SERVICES)
    failed = asyncio.run(_replay(connection, names, dry_run=not yes))
    raise typer.Exit(1 if failed else 0)


async def _replay(connection: Connection, names: list[str], *, dry_run: bool) -> int:
    console, waiting, failed = Console(), 0, 0
    async with connection.api() as api:
        for name in names:
            parked = await api.get(name, "/parked")
            waiting += len(parked)
            if parked:
                console.print(_listed(name, parked))
                failed += await _replay_one(api, name, console, dry_run=dry_run)
    if not waiting:
        console.print("Nothing is parked.")
    elif dry_run:
        console.print("Nothing was changed. Repeat with --yes to handle them again.")
    return failed


async def _replay_one(api: Api, name: str, console: Console, *, dry_run: bool) -> int:
    handled, failed = 0, 0
    after: int | None = 0
    while after is not None:
        done = await api.post(name, "/parked/replay", None, dry_run=str(dry_run).lower(), after=after)
        after = done["next_after"]
        handled += len(done["replayed"])
        failed += len(done["failed"])
        for message_id, reason in done["failed"].items():
            console.print(f"  {message_id}: {reason}", style="red", highlight=False)
        if not dry_run and (after is None or done["replayed"]):
            console.print(f"{name}: {handled} handled, {failed} failed again{' so far' if after else ''}")
    return failed


def _listed(name: str, parked: list[dict[str, Any]]) -> Table:
    columns = ("number", "parked at", "fact", "about", "reason")
    table = Table(*columns, title=f"{name}: {len(parked)} parked", title_justify="left")
    for each in parked:
        table.add_row(str(each["id"]), each["parked_at"][:19], each["type"], each["key"], each["reason"])
    return table
