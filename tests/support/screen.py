"""The story as people do it: the desk and the practitioner, each at a window of their own, with mouse and keyboard.

`Screen` does what `Story` does over the API, under the same names; the API only tells it whom it is about.
"""

import re
from uuid import uuid4

from playwright.async_api import Locator, Page, expect

from tests.support.followed import Followed, Visit, seen_on_pages
from tests.support.site import Site
from tests.support.story import TREATMENT, Json, Story
from tests.support.window import PLACE, OpenWindow, card_of, day_is_drawn, empty_time, sign_in

FOLLOWS = 4
"""Money, stock, aftercare, the next visit: what the practitioner sees arrive after signing."""


class Screen:
    """Everybody stays signed in and keeps their window, as they do on a day at the clinic."""

    def __init__(self, site: Site, story: Story, open_window: OpenWindow) -> None:
        self._site = site
        self._story = story
        self._open_window = open_window
        self._windows: dict[str, Page] = {}

    async def book(self, location_id: str, patient_id: str) -> Json:
        """The desk goes to the day, clicks an empty time, finds the patient, and takes whoever is free."""
        patient = await self._story.desk.get("booking", f"/patients/{patient_id}")
        name = f"{patient['given_name']} {patient['family_name']}"
        slot = await self._story.free_slot(location_id)
        desk = await self._window_of("front_desk")
        await go_to_day(desk, slot["local_start"][:10])
        await desk.mouse.click(*await empty_time(desk))
        form = desk.get_by_role("dialog", name="New appointment")
        await form.get_by_label("Patient").fill(patient["family_name"])
        await form.get_by_role("button", name=name).click()
        await expect(form.locator(".chosen")).to_contain_text(name)
        await form.get_by_label("Treatment").select_option(TREATMENT)
        await form.get_by_label("Practitioner").select_option("")
        await has_settled(form)
        await form.get_by_role("button", name="Book appointment").click()
        await expect(desk.locator(".toast")).to_contain_text(f"{name} is booked for")
        booked: Json
        [booked] = await self._story.desk.get("booking", f"/patients/{patient_id}/appointments")
        await expect(card_of(desk, booked)).to_be_visible()
        return booked

    async def check_in(self, booked: Json) -> None:
        drawer = await open_card(await self._window_of("front_desk"), booked)
        for step, state in (("Confirm", "Confirmed"), ("Check in", "Arrived")):
            await drawer.get_by_role("button", name=step, exact=True).click()
            await expect(drawer.locator(".pill").first).to_contain_text(state)

    async def treat(self, booked: Json) -> frozenset[str]:
        """The practitioner starts, takes the lots that are filled in, signs, and sees what follows arrive."""
        nurse = await self._window_of("practitioner")
        await go_to_day(nurse, booked["local_start"][:10])
        drawer = await open_card(nurse, booked)
        await drawer.get_by_role("button", name="Start treatment").click()
        await drawer.get_by_role("button", name="Complete session").click()
        record = nurse.get_by_role("dialog", name="Treatment record")
        lots = record.locator("[data-lot]")
        await expect(lots.first).to_be_visible()
        taken: list[str] = await lots.evaluate_all("found => found.map(each => each.value)")
        await record.get_by_label("Area Choose").select_option(label="Cheeks")
        await record.get_by_label("Depth").select_option(label="0.75 mm")
        await record.get_by_text("Faint redness").click()
        await record.get_by_label("Aftercare advice was given").check()
        await record.get_by_role("button", name="Sign and complete").click()
        await expect(nurse.locator("#effects .there")).to_have_count(FOLLOWS)
        await expect(card_of(await self._window_of("front_desk"), booked)).to_have_class(re.compile("is-completed"))
        return frozenset(taken)

    async def pay(self, visit: Visit) -> None:
        """The desk finds the patient from wherever it is and takes the payment."""
        patient = await self._story.desk.get("booking", f"/patients/{visit.patient_id}")
        desk = await self._window_of("front_desk")
        await desk.keyboard.press("Escape")
        await desk.get_by_role("searchbox", name="Search patients").fill(patient["family_name"])
        await desk.locator("#hits").get_by_role("link", name=patient["family_name"]).click()
        await desk.get_by_role("link", name="take the payment").click()
        await desk.get_by_label("Slip number").fill(f"T-{uuid4().hex[:12]}")
        await desk.get_by_role("button", name="Record payment").click()
        await expect(desk.get_by_role("status").filter(has_text="Paid in full")).to_be_visible()

    async def look(self, visit: Visit) -> list[Followed]:
        """Once over the API, once through the owner's window."""
        return [*await self._story.look(visit), await seen_on_pages(await self._window_of("owner"), visit)]

    async def _window_of(self, role: str) -> Page:
        if role not in self._windows:
            self._windows[role] = await self._open_window()
            await sign_in(self._windows[role], self._site.account(role), to=f"/l/{PLACE}/day")
        return self._windows[role]


async def go_to_day(page: Page, day: str) -> None:
    """By the date field beside the heading."""
    await page.get_by_label("Go to a day").fill(day)
    await expect(page).to_have_url(re.compile(rf"/day/{day}"))
    await day_is_drawn(page)


async def open_card(page: Page, booked: Json) -> Locator:
    await card_of(page, booked).locator(".card").click()
    drawer = page.get_by_role("dialog", name=booked["patient"]["family_name"])
    await expect(drawer).to_be_visible()
    return drawer


async def has_settled(form: Locator) -> None:
    """What the last choice asked for has come."""
    await expect(form.locator(".htmx-request")).to_have_count(0)
