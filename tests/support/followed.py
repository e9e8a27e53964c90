"""What followed from a completed session: the same things, read over the API and read off the pages.

The two are compared, so each is brought to one form: types of facts, codes of templates, text of amounts and days.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from playwright.async_api import Page, expect

from tests.support.waiting import eventually
from tests.support.window import PLACE
from web.labels import TEMPLATES

COMPLETED = "booking.session-completed"
WORDS = {
    "Registered as a patient": "booking.patient-registered",
    "Bought a package": "billing.package-sold",
    "Booked for": "booking.appointment-booked",
    "A prepaid session is kept": "billing.entitlement-reserved",
    "Confirmed": "booking.appointment-confirmed",
    "Checked in": "booking.patient-arrived",
    "Treatment started": "booking.treatment-started",
    "Treatment completed": COMPLETED,
    "Paid from the package": "billing.session-redeemed",
    "Invoice issued": "billing.invoice-issued",
    "Taken from stock": "inventory.stock-consumed",
    "Aftercare planned": "notifications.aftercare-scheduled",
    "Next visit suggested": "notifications.recall-scheduled",
    "Payment received": "billing.payment-received",
    "Invoice of": "billing.invoice-paid",
}
"""How the timeline of a page begins to tell of a fact. Messages that go out meanwhile are not part of the story."""
AT_ONCE = "booking_confirmation"
"""Sent while the story goes on, so it may be planned still or sent already."""


@dataclass(frozen=True)
class Visit:
    """What the story made, by id."""

    location_id: str
    patient_id: str
    appointment_id: str
    package_id: str | None
    lots: frozenset[str]
    is_paid: bool = False
    """Whether what was due for it has been paid since."""

    @property
    def follows(self) -> set[str]:
        """Types of the facts that must follow once its session is completed."""
        return {
            "billing.session-redeemed" if self.package_id else "billing.invoice-issued",
            "inventory.stock-consumed",
            "notifications.aftercare-scheduled",
            "notifications.recall-scheduled",
        }

    @property
    def follows_payment(self) -> set[str]:
        """Types of the facts that must be there once it is paid."""
        return {"billing.payment-received", "billing.invoice-paid"} if self.is_paid else set()


@dataclass(frozen=True)
class Followed:
    """All that money, stock, messages, timeline and breaks board say about one visit."""

    timeline: tuple[str, ...]
    """Types of all facts about the patient, sorted, each as often as it is told."""
    from_session: tuple[str, ...]
    """Types of those that the completed session was the cause of."""
    sessions_left: int
    balance_due: str
    lots: tuple[str, ...]
    """Numbers of the lots that were used."""
    planned: tuple[str, ...]
    """Templates of messages that wait for their time."""
    next_visit_on: str
    is_a_break: bool
    books_balance: bool


def in_story(types: Iterable[str | None]) -> tuple[str, ...]:
    """Those that belong to the story, sorted."""
    return tuple(sorted(each for each in types if each is not None and each in WORDS.values()))


def planned(templates: Iterable[str]) -> tuple[str, ...]:
    """Those that wait for more than their turn, sorted."""
    return tuple(sorted(each for each in templates if each != AT_ONCE))


async def seen_on_pages(page: Page, visit: Visit) -> Followed:
    """Waits until the patient's timeline shows what must follow; then every page is opened once."""
    patient = f"/l/{PLACE}/patients/{visit.patient_id}"
    tales = await eventually(lambda: _complete_tales(page, patient, visit))
    name = await page.get_by_role("heading", level=1).inner_text()
    due, left = await _account(page, patient)
    return Followed(
        timeline=in_story(map(_type_of, chain.from_iterable((tale.start, *tale.followed) for tale in tales))),
        from_session=in_story(_of_session(tales)),
        sessions_left=int(left),
        balance_due=due,
        lots=await _lots(page, patient),
        planned=await _planned(page, patient),
        next_visit_on=await _next_visit(page, patient),
        is_a_break=await _is_on_the_breaks_board(page, name),
        books_balance=await _books_balance(page),
    )


@dataclass(frozen=True)
class Tale:
    """One story of a timeline: what somebody did, and the lines right under it."""

    start: str
    caused: tuple[str, ...]
    followed: tuple[str, ...]


async def _complete_tales(page: Page, patient: str, visit: Visit) -> list[Tale] | None:
    """None while something that must follow is missing: from the session's own story, or of a payment."""
    await page.goto(f"{patient}/timeline")
    tales = [
        Tale(
            start=await tale.locator(".tale-start b").inner_text(),
            caused=tuple(await tale.locator(".after .depth-1 span").all_inner_texts()),
            followed=tuple(await tale.locator(".after li span").all_inner_texts()),
        )
        for tale in await page.locator(".tale").all()
    ]
    everything = {_type_of(line) for tale in tales for line in (tale.start, *tale.followed)}
    is_complete = visit.follows <= set(_of_session(tales)) and visit.follows_payment <= everything
    return tales if is_complete else None


def _of_session(tales: Iterable[Tale]) -> list[str | None]:
    """Types of what the completed session was the cause of."""
    return [_type_of(line) for tale in tales if _type_of(tale.start) == COMPLETED for line in tale.caused]


def _type_of(line: str) -> str | None:
    return next((type_ for words, type_ in WORDS.items() if line.startswith(words)), None)


async def _account(page: Page, patient: str) -> tuple[str, str]:
    await page.goto(f"{patient}/account")
    figures = page.get_by_role("region", name="The account in numbers").locator(".figure")
    due = figures.filter(has_text="Balance due").locator("p")
    left = figures.filter(has_text="Prepaid sessions left").locator("p")
    return await due.inner_text(), await left.inner_text()


async def _lots(page: Page, patient: str) -> tuple[str, ...]:
    await page.goto(f"{patient}/lots")
    return tuple(sorted(await page.get_by_role("region", name="Lots used").locator("td a.whole").all_inner_texts()))


async def _planned(page: Page, patient: str) -> tuple[str, ...]:
    await page.goto(f"{patient}/messages")
    waiting = page.locator("tbody tr").filter(has=page.locator(".pill", has_text="Scheduled"))
    codes = {label.text: code for code, label in TEMPLATES.items()}
    return planned([codes[title.strip()] for title in await waiting.get_by_role("rowheader").all_inner_texts()])


async def _next_visit(page: Page, patient: str) -> str:
    """The day in `They should come again in 35 days, Sat, Dec 26, 2026: …`."""
    await page.goto(patient)
    advice = await page.get_by_role("region", name="Upcoming").inner_text()
    found = re.search(r"come again .*?(\w{3}, \w{3} \d+, \d{4})", advice)
    return found[1] if found else advice


async def _is_on_the_breaks_board(page: Page, name: str) -> bool:
    await page.goto(f"/l/{PLACE}/breaks")
    await expect(page.get_by_role("heading", name="Breaks")).to_be_visible()
    return await page.get_by_role("row", name=name).count() > 0


async def _books_balance(page: Page) -> bool:
    await page.goto(f"/l/{PLACE}/books")
    verdicts = await page.get_by_role("region").locator("header .pill").all_inner_texts()
    return bool(verdicts) and set(verdicts) == {"Balanced"}
