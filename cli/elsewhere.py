"""`needlepoint demo-data`: the demo chain in the databases of services that run as separate processes."""

import sys
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console

from chassis import log
from cli.refusal import told_plainly
from embedded import elsewhere
from embedded.contents import Contents, Holding
from embedded.demo.diary import Extent

STEPS = 10
SAID = {
    Holding.DEMO: "The demo chain is there. Sign in as {people}.",
    Holding.OWN: "Somebody works in this chain already: it was left alone.",
}


@told_plainly
def demo_data(
    state: Annotated[
        Path, typer.Option(help="Folder that remembers what was loaded; it lives as long as the databases.")
    ],
    days: Annotated[
        int, typer.Option(envvar="NEEDLEPOINT_DEMO_DAYS", help="How many days of the past are played.", min=1, max=60)
    ] = Extent().days_back,
) -> None:
    """Fill the databases of an empty chain with the demo chain, before its services are started.

    NEEDLEPOINT_DATABASE_URLS names the databases ({"booking": "postgresql://booking:…@host/booking", …}); identity's
    secrets are told as to identity itself. A chain in which somebody works already is left alone.

    For example:

      needlepoint demo-data --state /var/lib/needlepoint
    """
    log.configure(level="WARNING", file=sys.stderr)
    held = uvloop.run(_fill(state, Extent(days_back=days)))
    people = ", ".join(each.email for each in held.accounts)
    Console(soft_wrap=True).print(SAID[held.holding].format(people=people), highlight=False)


async def _fill(state: Path, extent: Extent) -> Contents:
    told = -1

    def advance(done: int, total: int) -> None:
        """A line for each tenth: the log of a container has no bar that could grow."""
        nonlocal told
        if (step := done * STEPS // total) > told:
            told = step
            Console().print(f"demo data: {step * 100 // STEPS} %", highlight=False)

    return await elsewhere.fill(elsewhere.manifests(), state, extent=extent, advance=advance)
