"""The findings as one table in the terminal."""

from collections.abc import Iterable

from rich.table import Table

from bench import wording
from bench.finding import Measured

_COLOURS = {"pass": "green", "miss": "red", "": ""}


def table(measured: Iterable[Measured]) -> Table:
    """A line for each finding; figures are the middle of the rounds, in brackets the outermost."""
    shown = Table(title="ours beside the bare floor", title_justify="left")
    for name in ("row", "what", "ours", "floor", "ratio", "target", ""):
        shown.add_column(name, justify="right" if name in ("ours", "floor", "ratio") else "left")
    for each in measured:
        for found in each.findings:
            outcome = wording.outcome(found)
            shown.add_row(
                each.row,
                found.what,
                wording.series(found.ours),
                wording.series(found.floor) if found.floor else "",
                wording.ratio(found),
                wording.target(found.target, found.ours.unit),
                outcome,
                style=_COLOURS[outcome],
            )
        shown.add_section()
    return shown
