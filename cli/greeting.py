"""What somebody who starts Needlepoint at a terminal sees: how far it is, and where to go then."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from chassis.clock import SystemClock
from embedded.contents import Account, Contents, Holding


@dataclass(frozen=True, slots=True)
class Greeting:
    """What is told once it runs."""

    url: str
    folder: Path
    contents: Contents
    has_staff: bool


@contextlib.contextmanager
def demo_bar(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A bar that appears when demo data are loaded, because that takes longest."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Demo data", visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=True)


def tell(console: Console, said: str) -> None:
    """Something that happened on its own, with the time of day."""
    console.print(f"{SystemClock().now().astimezone():%H:%M:%S} {said}", highlight=False)


def greet(console: Console, told: Greeting) -> None:
    """Where it runs, and who can sign in."""
    console.print(f"\nNeedlepoint {version('needlepoint')} is running at [bold]{told.url}[/bold]")
    console.print(f"Data: {told.folder}   Log: {told.folder / 'needlepoint.log'}", style="dim", highlight=False)
    if told.contents.holding is Holding.DEMO:
        console.print(_table(told.contents.accounts))
    elif not told.has_staff:
        console.print(
            "This chain is empty. Create its first owner from another terminal:\n"
            f"  needlepoint owner create --data {told.folder} --email you@clinic.example --name 'Your Name'",
            highlight=False,
        )
    console.print("Ctrl-C stops it.", style="dim")


def _table(accounts: tuple[Account, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for name in ("demo chain: sign in as", "e-mail", "password"):
        table.add_column(name, no_wrap=True)
    for each in accounts:
        table.add_row(each.label, each.email, each.password)
    return table
