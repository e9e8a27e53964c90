"""Fault runs with the doses of the matrix. They take minutes, so only `make chaos` collects them.

Whatever carries a `fault` mark is told of at the end, wherever it stands: which row, which dose, how long, how it went.
"""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.chaos.clinics import Lane, open_clinic
from tests.chaos.insisting import Insistent, owner_of
from tests.chaos.report import Report
from tests.support import kafka
from tests.support.processes import Processes
from tests.system.processes.conftest import launcher_has_one

ASKED_FOR = "NEEDLEPOINT_CHAOS"
WRITTEN_TO = Path("build") / "chaos.md"

if not os.environ.get(ASKED_FOR):
    collect_ignore_glob = ["test_*.py"]

REPORT = Report()


def pytest_collection_finish(session: pytest.Session) -> None:
    REPORT.expect(session.items)
    session.config.pluginmanager.register(REPORT)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Green without the long runs must not look like green with them."""
    if terminalreporter.config.option.collectonly:
        return
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


@pytest.fixture(scope="package")
def site(demo_data: Path) -> Iterator[Processes]:
    """The chain as `make up-kafka` runs it, with a broker of its own, on this machine."""
    if not launcher_has_one():
        pytest.skip(f"the launcher can start no broker of its own here ({kafka.told()})")
    with TemporaryDirectory(prefix="needlepoint-chaos-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.delenv(kafka.ADDRESS, raising=False)
        site = Processes.copy_of(demo_data, Path(folder) / "data")
        site.start()
        yield site
        site.stop()


@pytest.fixture(scope="package")
async def clinic(site: Processes) -> AsyncIterator[tuple[list[Insistent], list[Lane]]]:
    """A clinic with two desks, for all faults that are made under a usual load."""
    async with owner_of(site) as first, owner_of(site) as second:
        yield [first, second], await open_clinic(first)


@pytest.fixture
def since() -> datetime:
    return datetime.now(UTC)
