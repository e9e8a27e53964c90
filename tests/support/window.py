"""What a person does in a browser window, said once."""

import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, expect

from embedded.contents import Account

TOKYO = "Asia/Tokyo"
"""Where the windows stand: a grid that shows the clinic's wall clock shows it from anywhere."""
PLACE = "midtown"
# Chromium itself logs each answer of 400 and above; the tests look at what the page made of it.
REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
HTMX_REFUSAL = re.compile(r"Response Status Error Code 4\d\d")
OpenWindow = Callable[..., Awaitable[Page]]


class Windows:
    """Windows onto one address, each with cookies of its own; `complaints` is what they said on their consoles."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._opened = AsyncExitStack()
        self.complaints: list[str] = []

    async def open(self, **given: Any) -> Page:
        settings = {"base_url": self._url, "viewport": {"width": 1440, "height": 900}, "timezone_id": TOKYO}
        context = await self._browser.new_context(**(settings | given))
        self._opened.push_async_callback(context.close)
        page = await context.new_page()
        listen_to_console(page, self.complaints)
        return page

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.aclose()


def listen_to_console(page: Page, complaints: list[str]) -> None:
    """Collect errors and warnings, and exceptions that nobody caught."""

    def heard(message: ConsoleMessage) -> None:
        known = REFUSAL.search(message.text) or HTMX_REFUSAL.search(message.text)
        if message.type in ("error", "warning") and not known:
            complaints.append(f"{message.type}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))


async def sign_in(page: Page, account: Account, *, to: str = "/") -> None:
    """Fill in the form as a person would."""
    await page.goto(to)
    await page.get_by_label("E-mail address").fill(account.email)
    await page.get_by_label("Password", exact=True).fill(account.password)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#main")).to_be_visible()
    await page.wait_for_load_state()  # the keys listen once the scripts are in


async def sign_in_to_day(page: Page, account: Account, on: date | str, *, columns: str = "practitioners") -> None:
    """The grid of a day, drawn and live."""
    await sign_in(page, account, to=f"/l/{PLACE}/day/{on}?by={columns}")
    await day_is_drawn(page)


async def day_is_drawn(page: Page) -> None:
    await expect(page.locator("body[data-ready]")).to_be_attached()
    await expect(page.locator("body[data-live=live]")).to_be_attached()


def card_of(page: Page, appointment: dict[str, Any]) -> Locator:
    """The card of a visit in the grid."""
    return page.locator(f".ec-event[data-id='{appointment['id']}']")


async def starts_at(card: Locator) -> str:
    """The time on a card, such as `9:30 am`."""
    told = await card.locator(".card-time").text_content()
    return re.match(r"\d+:\d\d [ap]m", told or "")[0]  # type: ignore[index]  # a card without a time fails the test


async def empty_time(page: Page) -> tuple[float, float]:
    """A point in the grid where nobody is booked and somebody works."""
    point = await page.evaluate(
        """() => {
            const frame = document.querySelector('.ec-body').getBoundingClientRect();
            const taken = [...document.querySelectorAll('.ec-event, .ec-bg-event')];
            const boxes = taken.map((each) => each.getBoundingClientRect());
            const isBeside = (r, x) => x < r.left - 8 || x > r.right + 8;
            const isApart = (r, y) => y < r.top - 8 || y > r.bottom + 60;
            const isFree = (x, y) => boxes.every((r) => isBeside(r, x) || isApart(r, y));
            const bottom = Math.min(frame.bottom, innerHeight) - 90;
            for (let y = Math.max(frame.top + 70, 212); y < bottom; y += 21)
                for (let x = frame.left + 120; x < frame.right - 40; x += 40)
                    if (isFree(x, y)) return [x, y];
            return null;
        }"""
    )
    assert point is not None, "this day has no empty time to click"
    return point[0], point[1]
