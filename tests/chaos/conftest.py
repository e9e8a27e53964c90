"""Fault runs with the doses of the matrix. They take minutes, so only `make chaos` collects them.

Whatever carries a `fault` mark is told of at the end, wherever it stands: which row, which dose, how long, how it went.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.chaos.report import Report

ASKED_FOR = "NEEDLEPOINT_CHAOS"
WRITTEN_TO = Path("build") / "chaos.md"

if not os.environ.get(ASKED_FOR):
    collect_ignore_glob = ["test_*.py"]

REPORT = Report()


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    REPORT.expect(items)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    REPORT.add(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Green without the long runs must not look like green with them."""
    if not os.environ.get(ASKED_FOR):
        terminalreporter.line(
            "chaos: the fault runs with long doses were left out; `make chaos` makes them", yellow=True
        )
        return
    terminalreporter.section("faults")
    for line in REPORT.lines():
        terminalreporter.line(line)
    WRITTEN_TO.parent.mkdir(exist_ok=True)
    WRITTEN_TO.write_text(REPORT.page(), "utf-8")
    terminalreporter.line(f"written to {WRITTEN_TO}")
