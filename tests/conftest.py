"""What all tests share: marks by folder, a quiet log, one demo chain for everything that looks at one, one browser."""

import io
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import pytest
from filelock import FileLock
from playwright.async_api import Browser, async_playwright, expect
from xdist.scheduler import LoadScopeScheduling

from chassis import log
from tests.support import kafka
from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.site import OwnSite, Site
from tests.support.window import OpenWindow, Windows

TESTS = Path(__file__).parent
NO_BROWSER = "no chromium on this machine: what a person sees stays unproved"
STORY_URL = "NEEDLEPOINT_STORY_URL"
"""Where the story is told instead of here: the address of a Needlepoint that holds the demo chain."""
DEMO_DATA = "NEEDLEPOINT_TEST_DEMO_DATA"
"""A data folder that holds the demo chain and is at rest: spares a run the minutes that filling one takes."""
RUN = "NEEDLEPOINT_TEST_RUN"
"""The folder of this run: what only one of the processes that test side by side has to make lies there."""
TOGETHER = {"browser": "the chain", "system": "the chain", "system/processes": "kafka", "integration/kafka": "kafka"}
"""Folders whose tests stay in one process, since they share something large; elsewhere a file stays together."""
LOOK_MILLISECONDS_MAX = 20_000
WHOLE_HOUSE_SECONDS_MAX = 180
"""A busy machine is slow, not wrong; what needs longer says so itself."""


def pytest_configure(config: pytest.Config) -> None:
    be_quiet()
    if is_in_charge(config):
        os.environ[RUN] = mkdtemp(prefix="needlepoint-run-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if is_in_charge(config):
        shutil.rmtree(os.environ.pop(RUN))


def is_in_charge(config: pytest.Config) -> bool:
    """False in the processes that the tests are shared out to."""
    return not hasattr(config, "workerinput")


def be_quiet() -> None:
    """Only what went wrong is worth a line beside a test that failed."""
    log.configure(level="WARNING", style="console")


def pytest_report_header() -> str:
    """What the tests of the spine will run against; it starts when the first of them asks for it."""
    return kafka.told()


class ByHouse(LoadScopeScheduling):
    """Shares the tests out by what they share. Marks of groups would say the same; pytest 9.2 does not pass them on."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.partition("::")[0])
        return TOGETHER.get(file.parent.as_posix().removeprefix("tests/"), str(file))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByHouse:
    return ByHouse(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not is_in_charge(session.config):
        session.config.workeroutput["fell_back"] = kafka.fell_back  # type: ignore[attr-defined]  # of pytest-xdist


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a process that tested has to say at its end."""
    kafka.fell_back.extend(getattr(node, "workeroutput", {}).get("fell_back", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A Kafka that is here but does not start must not pass for one that was used."""
    for each in kafka.fell_back:
        terminalreporter.line(each, yellow=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks are put on by folder; what needs a browser is skipped where none is, and says so."""
    has_browser = chromium_path() is not None
    for item in items:
        storey = item.path.relative_to(TESTS).parts[0]
        item.add_marker(getattr(pytest.mark, storey))
        if storey in ("system", "browser", "compose") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(WHOLE_HOUSE_SECONDS_MAX))
        if not has_browser and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged during a test, as a service in use would write it."""
    out = io.StringIO()
    log.configure(file=out)
    yield out
    be_quiet()


@pytest.fixture(scope="session")
def demo_data() -> Path:
    """A data folder with the demo chain, filled once and at rest; whoever wants to change something takes a copy."""
    if given := os.environ.get(DEMO_DATA):
        return Path(given)
    filled = Path(os.environ[RUN]) / "demo"
    with FileLock(filled.with_suffix(".lock")):
        if not filled.exists():
            site = OwnSite(filled.with_suffix(".new"))
            site.start()
            site.stop()
            site.folder.rename(filled)
    return filled


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """One Needlepoint with its demo chain for the whole run; each test makes what it needs of its own."""
    if url := os.environ.get(STORY_URL):
        yield Site(url)
        return
    with TemporaryDirectory(prefix="needlepoint-site-") as folder:
        site = OwnSite.copy_of(request.getfixturevalue("demo_data"), Path(folder) / "data")
        site.start()
        yield site
        site.stop()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=LOOK_MILLISECONDS_MAX)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def window(browser: Browser, site: Site) -> AsyncIterator[OpenWindow]:
    """Opens windows, and fails the test if one of them complained on its console."""
    async with Windows(browser, site.url) as windows:
        yield windows.open
    assert not windows.complaints
