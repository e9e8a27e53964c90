"""`python -m bench [ROW …] [--quick]`: measure these rows, or all of them, and write docs/benchmarks.md.

With `--page` nothing is measured: the page is written anew after a change in `bench/notes.toml`.
"""

import argparse
import asyncio
import shlex
import sys

import uvloop
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import page
from bench.finding import Measured
from bench.machine import machine
from bench.register import ROWS
from bench.row import Row, Size, measure
from bench.table import table
from chassis import log
from chassis.clock import SystemClock


def main() -> None:
    given = _options().parse_args()
    names = [row.name for row in ROWS]
    if given.page:
        page.write(names)
        return
    log.configure(level="WARNING", style="console")
    console = Console()
    size = Size.QUICK if given.quick else Size.WHOLE
    measured = [_measured(row, size, console) for row in ROWS if row.name in given.rows or not given.rows]
    console.print(table(measured))
    if given.quick:
        console.print("Quick figures only show that it works: nothing was written.")
        return
    for each in measured:
        page.keep(each)
    page.write(names)
    console.print(f"Written: {page.PAGE.relative_to(page.ROOT)}")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure our code beside its bare floor.")
    parser.add_argument("rows", nargs="*", type=_row, metavar="ROW", help=", ".join(row.name for row in ROWS))
    parser.add_argument("--quick", action="store_true", help="short rounds on less data; writes nothing")
    parser.add_argument(
        "--page", action="store_true", help="measure nothing, write the page from what was found before"
    )
    return parser


def _row(name: str) -> str:
    if name not in {row.name for row in ROWS}:
        raise argparse.ArgumentTypeError(f"there is no row {name}")
    return name


def _measured(row: Row, size: Size, console: Console) -> Measured:
    columns = (SpinnerColumn(), TextColumn(row.name), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("begins", total=None)

        def tell(said: str) -> None:
            progress.update(task, description=said)

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            findings = runner.run(measure(row, size, tell=tell))
        tell("done")
    return Measured(
        row=row.name,
        on=SystemClock().now().date(),
        command=f'make bench ARGS="{shlex.join(sys.argv[1:])}"' if sys.argv[1:] else "make bench",
        machine=machine(),
        findings=tuple(findings),
    )


if __name__ == "__main__":
    main()
