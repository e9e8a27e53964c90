"""Each test has a window of its own, and the public API to prepare what it then looks at."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page

from tests.support.site import Site
from tests.support.story import Story
from tests.support.window import OpenWindow


@pytest.fixture
async def page(window: OpenWindow) -> Page:
    return await window()


@pytest.fixture
async def story(site: Site) -> AsyncIterator[Story]:
    """The public API, signed in as the desk and a practitioner."""
    async with Story(site.api) as story:
        yield story
