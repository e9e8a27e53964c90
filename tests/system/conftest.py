"""The public API of the one Needlepoint that all tests share, signed in as those who play in the story."""

from collections.abc import AsyncIterator

import pytest

from tests.support.site import Site
from tests.support.story import Story


@pytest.fixture
async def story(site: Site) -> AsyncIterator[Story]:
    async with Story(site.api) as story:
        yield story
