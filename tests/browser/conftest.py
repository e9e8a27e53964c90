"""One Needlepoint and one Chromium for all browser tests; each test has a window of its own.

The windows stand in Tokyo: a grid that shows the clinic's wall clock shows it from anywhere.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.site import Site
from tests.support.story import Story
from tests.support.window import TOKYO, listen_to_console

OpenWindow = Callable[..., Awaitable[Page]]
expect.set_options(timeout=20_000)  # milliseconds: a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with TemporaryDirectory(prefix="needlepoint-browser-") as folder:
        site = Site(Path(folder) / "data")
        site.start()
        yield site
        site.stop()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def window(browser: Browser, site: Site) -> AsyncIterator[OpenWindow]:
    """Opens windows, and fails the test if one of them complained on its console."""
    complaints: list[str] = []
    async with AsyncExitStack() as opened:

        async def open_one(**given: Any) -> Page:
            settings = {"base_url": site.url, "viewport": {"width": 1440, "height": 900}, "timezone_id": TOKYO}
            context = await browser.new_context(**(settings | given))
            opened.push_async_callback(context.close)
            page = await context.new_page()
            listen_to_console(page, complaints)
            return page

        yield open_one
    assert not complaints


@pytest.fixture
async def page(window: OpenWindow) -> Page:
    return await window()


@pytest.fixture
async def story(site: Site) -> AsyncIterator[Story]:
    """The public API, signed in as the desk and a practitioner: to prepare what a test then looks at."""
    async with Story(site.api) as story:
        yield story
