"""One chain as containers for all tests here, with the demo data; taken away again, with its volumes, at the end.

They take minutes and an engine, so only `make test-docker` collects them.
"""

import os
from collections.abc import AsyncIterator, Iterator
from functools import cache, partial
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.containers import Containers, why_not
from tests.support.site import Site
from tests.support.story import Story
from tests.support.window import OpenWindow, Windows

ASKED_FOR = "NEEDLEPOINT_TEST_CONTAINERS"
UNPROVED = (
    "that the images build and the containers start",
    "that none of them runs as root, can write to its own files, or holds another's secrets",
    "that a role reaches no other database",
    "that the gateway keeps inside what is for operators, and believes nobody",
    "the story, told through the gateway",
    "that a stop ends everything in order within ten seconds, and nothing is lost",
    "that every service can be renewed while the desks work",
    "that three brokers can do without one",
)

if not os.environ.get(ASKED_FOR):
    collect_ignore_glob = ["test_*.py"]


@cache
def missing() -> str | None:
    return why_not()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Green without containers must not look like green with them."""
    if os.environ.get(ASKED_FOR) and (why := missing()):
        terminalreporter.section(f"UNPROVED: {why}", sep="!", red=True)
        for each in UNPROVED:
            terminalreporter.line(f"  {each}", red=True)


@pytest.fixture(scope="session")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    if why := missing():
        pytest.skip(why)
    containers = Containers(tmp_path_factory.mktemp("containers"))
    containers.down()  # what a run that was killed has left has other secrets
    try:
        containers.up()
        yield containers
    finally:
        containers.down()


@pytest.fixture(scope="session")
def certificate(containers: Containers) -> Iterator[Path]:
    """The gateway's authority, which every client of this run believes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(containers.certificate))
        yield containers.certificate


@pytest.fixture(scope="session")
def site(containers: Containers, certificate: Path) -> Site:
    """Behind the gateway, whose certificate is believed from here on."""
    return Site(containers.url)


@pytest.fixture
async def story(site: Site) -> AsyncIterator[Story]:
    async with Story(site.api) as story:
        yield story


@pytest.fixture
async def window(browser: Browser, site: Site) -> AsyncIterator[OpenWindow]:
    """As everywhere, but a browser has no place where it could be told of our authority."""
    async with Windows(browser, site.url) as windows:
        yield partial(windows.open, ignore_https_errors=True)
    assert not windows.complaints
