"""`needlepoint import`: a clinic's export from any other system, into a running Needlepoint."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table as Grid
from rich.text import Text

from chassis.clock import SystemClock
from cli.api import Api
from cli.connection import Connection, connected
from cli.importing import encoding, mapping
from cli.importing.converting import Converter, Place, Places, Unfit
from cli.importing.kinds import TARGETS, Kind
from cli.importing.mapping import ImportMap
from cli.importing.reading import Broken, Table
from cli.importing.rejects import Rejects
from cli.importing.sending import Item, Sender, Tally
from cli.refusal import Refusal, told_plainly


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported, and how."""

    kind: Kind
    file: Path
    told: ImportMap
    rejects: Path
    dry_run: bool


@connected
@told_plainly
def import_file(
    kind: Annotated[Kind, typer.Argument(help="What the rows are.")],
    file: Annotated[Path, typer.Argument(help="The export.", exists=True, dir_okay=False, readable=True)],
    map_file: Annotated[Path, typer.Option("--map", help="The mapping.", exists=True, dir_okay=False, readable=True)],
    connection: Connection,
    *,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go.", show_default="FILE.rejects.csv")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row and change nothing.")] = False,
) -> None:
    """Bring a clinic's export of another system in: patients first, then appointments; stock at any time.

    The mapping says which column is which field, how dates are written and what status words mean; docs/import/ has
    examples. Rows that can't go in are kept in a rejects file with their line and the reason: mend them there and
    import that file with the same mapping. Running an import again changes nothing.

    For example:

      needlepoint import patients clients.csv --map clients.toml --dry-run

      needlepoint import appointments visits.csv --map visits.toml --email owner@clinic.example
    """
    order = Order(kind, file, mapping.load(map_file, kind), rejects or _beside(file), dry_run)
    if order.rejects.absolute() == file.absolute():
        raise Refusal("The rejects can't go into the file they come from; name another one with --rejects.")
    console = Console(stderr=True)
    tally = asyncio.run(_run(order, connection, console))
    _report(console, order, tally)
    raise typer.Exit(1 if tally.rejected else 0)


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}.rejects{file.suffix or '.csv'}")


async def _run(order: Order, connection: Connection, console: Console) -> Tally:
    target = TARGETS[order.kind]
    table = mapping.opened(order.file, order.told)
    console.print(f"{order.file}: {_described(table)}", highlight=False)
    async with connection.api() as api:
        converter = Converter(
            target, order.told, header=table.header, places=await _places(api), today=SystemClock().now().date()
        )
        with Rejects(order.rejects, table) as rejects, _progress(console) as progress:
            task = progress.add_task(str(order.kind), total=encoding.lines_in(order.file), rows=0)
            sender = Sender(api, order.kind, order.told, reject=rejects.add, dry_run=order.dry_run)
            await sender.send(
                _items(table, converter, sender),
                lambda line, rows: progress.update(task, completed=line, rows=progress.tasks[0].fields["rows"] + rows),
            )
            progress.update(task, completed=progress.tasks[0].total)
    return sender.tally


async def _places(api: Api) -> Places:
    """The locations this person may import to, by every way to call them."""
    found: dict[str, Place] = {}
    for each in await api.get("booking", "/locations"):
        place = Place(each["id"])
        found |= {each[name].casefold(): place for name in ("id", "code", "name")}
    return found


def _items(table: Table, converter: Converter, sender: Sender) -> Iterator[Item]:
    """The rows that can be sent; what can't is rejected on the way."""
    seen: dict[str, int] = {}
    for record in table.rows():
        if isinstance(record, Broken):
            sender.refuse(record.line, record.fields, record.reason)
            continue
        try:
            row = converter.row(record.fields)
        except Unfit as error:
            sender.refuse(record.line, record.fields, str(error))
            continue
        first = seen.setdefault(row["external_id"], record.line)
        if first != record.line:
            sender.refuse(record.line, record.fields, f"external_id: the same as in line {first}")
            continue
        yield Item(record.line, record.fields, row)


def _described(table: Table) -> str:
    separator = {"\t": "tab"}.get(table.form.separator, table.form.separator)
    return f"{table.form.encoding}, separated by {separator}, {len(table.header)} columns"


class _RateColumn(ProgressColumn):
    """Rows a second since the start."""

    def render(self, task: Task) -> Text:
        rows = task.fields["rows"]
        return Text(f"{rows:,} rows  {rows / (task.elapsed or 1):,.0f}/s")


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console)


def _report(console: Console, order: Order, tally: Tally) -> None:
    grid = Grid(title=f"{order.kind}: checked, nothing changed" if order.dry_run else str(order.kind))
    grid.add_column("outcome")
    grid.add_column("rows", justify="right")
    for outcome, count in sorted(tally.outcomes.items()):
        grid.add_row(outcome, f"{count:,}")
    console.print(grid)
    for remark, count in sorted(tally.remarks.items()):
        console.print(f"{count:,} of them: {remark}", highlight=False)
    if tally.remarked:
        more = " and more" if tally.remarks.total() > len(tally.remarked) else ""
        console.print(f"In lines {', '.join(map(str, sorted(tally.remarked)))}{more}", highlight=False)
    if tally.rejected:
        console.print(f"Rejected rows, with line and reason: {order.rejects}", highlight=False)
