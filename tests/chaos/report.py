"""What became of each fault: a row per test that makes one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest

HEAD = ("fault", "dose", "holds", "seconds", "how it went")


@dataclass
class Row:
    fault: str
    dose: str
    holds: str
    test: str
    seconds: float = 0.0
    outcome: str = "not run"
    told: list[str] = field(default_factory=list)
    """What the test wants to have said besides."""

    @property
    def order(self) -> tuple[int, str]:
        return int(self.fault.split()[0].removeprefix("F")), self.test

    @property
    def cells(self) -> tuple[str, ...]:
        return self.fault, self.dose, self.holds, f"{self.seconds:.1f}", self.outcome


class Report:
    """Listens to a test run, as a plugin: hooks of a conftest hear only of the tests below it."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def expect(self, items: Iterable[pytest.Item]) -> None:
        """These will run; of interest are those that make a fault."""
        for item in items:
            for mark in item.iter_markers("fault"):
                self._rows[item.nodeid] = Row(mark.args[0], mark.kwargs["dose"], mark.kwargs["holds"], item.name)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test: set-up, the test itself, taking down."""
        row, phase = self._rows.get(report.nodeid), report
        if row is None:
            return
        if phase.when == "call":
            row.seconds = phase.duration
            row.told += [str(value) for name, value in phase.user_properties if name == "told"]
        if phase.skipped:
            row.outcome = f"not possible here: {_reason(phase)}"
        elif phase.failed:
            row.outcome = "FAILED" if phase.when == "call" else f"FAILED in its {phase.when}"
        elif phase.when == "call":
            row.outcome = "passed"

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        for row in self._sorted():
            yield f"{row.fault:8} {row.outcome:8} {row.seconds:7.1f} s  {row.dose}  [{row.holds}]  {row.test}"
            yield from (f"{'':8} {line}" for told in row.told for line in told.splitlines())
        yield f"{len(self._rows)} fault runs, {sum(row.seconds for row in self._rows.values()):.0f} s"

    def page(self) -> str:
        """The same in Markdown."""
        rows = [HEAD, ("---",) * len(HEAD), *(row.cells for row in self._sorted())]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
        told = "\n\n".join(f"`{row.test}`\n\n```\n{chr(10).join(row.told)}\n```" for row in self._sorted() if row.told)
        return f"# Fault runs\n\n{table}\n\n{told}".rstrip() + "\n"

    def _sorted(self) -> list[Row]:
        return sorted(self._rows.values(), key=lambda row: row.order)


def _reason(phase: pytest.TestReport) -> str:
    told = phase.longrepr
    return str(told[2] if isinstance(told, tuple) else told).removeprefix("Skipped: ")
