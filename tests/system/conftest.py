"""One Needlepoint with its demo chain for all system tests, run in a process of its own as its users run it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.site import Site
from tests.support.story import Story


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with TemporaryDirectory(prefix="needlepoint-site-") as folder:
        site = Site(Path(folder) / "data")
        site.start()
        yield site
        site.stop()


@pytest.fixture
async def story(site: Site) -> AsyncIterator[Story]:
    async with Story(site.api) as story:
        yield story
