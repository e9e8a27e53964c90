import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.support.site import Site
from tests.support.story import Story
from tests.support.window import card_of, sign_in, sign_in_to_day

HANDLED = """visit => {
  window.handled = new Promise(done => document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.verb === "get" && detail.requestConfig.path.endsWith(visit)) done()
  }))
}"""
"""Promises `window.handled`: the page has done whatever it does about the answer that tells of a visit."""
STEPS = ("Confirm", "Check in", "Start numbing", "Start treatment")


@pytest.fixture
async def visit(story: Story) -> dict[str, Any]:
    """A microneedling visit at a location where desk and practitioner both work."""
    midtown = next(each for each in await story.desk.get("booking", "/locations") if each["code"] == "midtown")
    patient = await story.desk.post("booking", "/patients", story_patient(midtown["id"]))
    return await story.book(midtown["id"], patient["id"])


async def test_one_button_leads_through_the_visit(page: Page, site: Site, visit: dict[str, Any]) -> None:
    await open_visit(page, site, visit, role="owner")
    drawer = page.get_by_role("dialog", name=visit["patient"]["family_name"])

    for step in STEPS:
        button = drawer.locator(".acts .primary")
        await expect(button).to_have_text(step)
        await button.click()

    await expect(drawer.get_by_role("button", name="Complete session")).to_be_visible()
    await expect(drawer.locator(".pill").first).to_have_text("In treatment")


async def test_an_answer_that_was_overtaken_does_not_turn_the_drawer_back(
    page: Page, site: Site, visit: dict[str, Any]
) -> None:
    await open_visit(page, site, visit, role="owner")
    drawer = page.get_by_role("dialog", name=visit["patient"]["family_name"])
    asked_anew, saw_arrived = asyncio.Event(), asyncio.Event()

    async def answer_late(route: Route) -> None:
        """The drawer as it is now, told once it is no longer so."""
        now = await route.fetch()
        asked_anew.set()
        await saw_arrived.wait()
        await route.fulfill(response=now)

    async def answer_after_the_hint(route: Route) -> None:
        done = await route.fetch()
        await asked_anew.wait()
        await route.fulfill(response=done)

    await page.route(re.compile(rf"/visits/{visit['id']}$"), answer_late, times=1)
    await page.route("**/steps/confirm", answer_after_the_hint)
    await drawer.get_by_role("button", name="Confirm", exact=True).click()
    await expect(drawer.locator(".pill").first).to_contain_text("Confirmed")
    await drawer.get_by_role("button", name="Check in", exact=True).click()
    await expect(drawer.locator(".pill").first).to_contain_text("Arrived")
    await page.evaluate(HANDLED, visit["id"])
    saw_arrived.set()
    await page.evaluate("() => window.handled")

    await expect(drawer.locator(".pill").first).to_contain_text("Arrived")
    await expect(drawer.get_by_role("button", name="Start numbing")).to_be_visible()


async def test_a_signed_record_is_followed_by_money_stock_aftercare_and_the_next_visit(
    page: Page, site: Site, story: Story, visit: dict[str, Any]
) -> None:
    await begin(story, visit)
    await open_record(page, site, visit)
    record = page.get_by_role("dialog", name="Treatment record")

    await record.get_by_label("Area Choose").select_option(label="Cheeks")
    await record.get_by_label("Depth").select_option(label="0.75 mm")
    await record.get_by_text("Faint redness").click()
    await record.get_by_label("Aftercare advice was given").check()
    await record.get_by_role("button", name="Sign and complete").click()

    await expect(page.locator("#effects .there")).to_have_count(4)
    await expect(page.locator("#effects")).to_contain_text("Invoice issued")
    await expect(page.locator("#effects")).to_contain_text("Taken from stock")
    await expect(page.locator("#effects")).to_contain_text("Aftercare planned")
    await expect(card_of(page, visit)).to_have_class(re.compile("is-completed"))


async def test_a_signed_record_is_read_from_the_drawer_and_fits_on_paper(
    page: Page, site: Site, story: Story, visit: dict[str, Any]
) -> None:
    await story.check_in(visit)
    await story.treat(visit)
    await open_visit(page, site, visit, role="practitioner")

    await page.get_by_role("link", name="Treatment record").click()
    record = page.get_by_role("dialog", name="Treatment record")
    await expect(record.get_by_text("Signed by")).to_be_visible()
    await expect(record.locator("form, input, select, textarea")).to_have_count(0)
    await record.get_by_role("link", name="Open as a page to print").click()
    await page.emulate_media(media="print")

    await expect(page.get_by_role("article", name="What was done")).to_be_visible()
    await expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    await expect(page.get_by_role("button", name="Print")).to_be_hidden()


async def test_the_record_comes_with_the_lots_that_expire_first(
    page: Page, site: Site, story: Story, visit: dict[str, Any]
) -> None:
    await begin(story, visit)
    suggested = await story.practitioner.get(
        "inventory",
        "/suggestions",
        location_id=visit["location_id"],
        treatment=visit["treatment"],
        on=visit["local_start"][:10],
    )
    await open_record(page, site, visit)

    lots = page.locator("#record-products [data-lot]")
    await expect(lots).to_have_count(len(suggested))
    assert await lots.evaluate_all("found => found.map(each => each.value)") == [each["lot_id"] for each in suggested]


async def test_what_a_record_lacks_is_said_beside_it(
    page: Page, site: Site, story: Story, visit: dict[str, Any]
) -> None:
    await begin(story, visit)
    await open_record(page, site, visit)
    record = page.get_by_role("dialog", name="Treatment record")

    await record.get_by_role("button", name="Sign and complete").click()

    await expect(record.get_by_text("Add at least one treated area.")).to_be_visible()
    await expect(record.get_by_text("Choose a grade for the reaction of the skin.")).to_be_visible()
    await expect(record.get_by_text("then tick this")).to_be_visible()
    await expect(record.get_by_role("radio", name="0 None")).to_be_focused()


async def test_a_record_that_was_begun_is_not_lost_by_one_press_of_escape(
    page: Page, site: Site, story: Story, visit: dict[str, Any]
) -> None:
    await story.check_in(visit)
    await story.practitioner.post("booking", f"/appointments/{visit['id']}/start", {})
    await open_record(page, site, visit)
    record = page.get_by_role("dialog", name="Treatment record")
    notes = record.get_by_label("Notes")
    await notes.click()
    await page.keyboard.type("Even erythema.")

    await page.keyboard.press("Escape")

    await expect(page.locator(".toast")).to_contain_text("Press Escape once more")
    await expect(notes).to_have_value("Even erythema.")
    await page.keyboard.press("Escape")
    await expect(record).to_be_hidden()


async def test_a_depth_beyond_what_is_usual_asks_why(
    page: Page, site: Site, story: Story, visit: dict[str, Any]
) -> None:
    await begin(story, visit)
    await open_record(page, site, visit)
    record = page.get_by_role("dialog", name="Treatment record")

    await record.get_by_label("Area Choose").select_option(label="Around the eyes")
    await record.get_by_label("Depth").select_option(label="1.00 mm")

    await expect(record.get_by_label("up to 0.50 mm is usual")).to_be_visible()


async def test_three_areas_put_a_second_cartridge_into_the_record(
    page: Page, site: Site, story: Story, visit: dict[str, Any]
) -> None:
    await begin(story, visit)
    await open_record(page, site, visit)
    record = page.get_by_role("dialog", name="Treatment record")
    cartridges = record.locator("[data-cartridge] [name=quantity]")
    await expect(cartridges).to_have_value("1")

    for number, area in enumerate(("Cheeks", "Nose", "Chin")):
        if number:
            await record.get_by_role("button", name="Add an area").click()
        await record.get_by_label("Area Choose").nth(number).select_option(label=area)

    await expect(cartridges).to_have_value("2")
    await expect(record.get_by_text("take a second one")).to_be_visible()
    await record.get_by_role("button", name="Remove this area").first.click()
    await expect(cartridges).to_have_value("1")


async def test_a_visit_is_called_off_and_leaves_the_grid(page: Page, site: Site, visit: dict[str, Any]) -> None:
    await open_visit(page, site, visit, role="front_desk")
    drawer = page.get_by_role("dialog", name=visit["patient"]["family_name"])

    await drawer.get_by_text("Cancel", exact=True).click()
    await drawer.get_by_label("The clinic").check()
    await drawer.get_by_role("button", name="Cancel the visit").click()

    await expect(drawer.locator(".pill").first).to_have_text("Cancelled by clinic")
    await expect(card_of(page, visit)).to_have_count(0)


async def test_a_visit_is_moved_to_another_day_by_form(page: Page, site: Site, visit: dict[str, Any]) -> None:
    await open_visit(page, site, visit, role="front_desk")
    drawer = page.get_by_role("dialog", name=visit["patient"]["family_name"])

    await drawer.get_by_text("Move to another time").click()
    await drawer.get_by_label("Time", exact=True).locator("optgroup").first.wait_for(state="attached")
    await drawer.get_by_label("Time", exact=True).select_option(index=0)
    await drawer.get_by_role("button", name="Move the visit").click()

    await expect(page.locator(".toast")).to_contain_text("moved to")


async def test_the_front_desk_does_not_sign_treatment_records(
    page: Page, site: Site, story: Story, visit: dict[str, Any]
) -> None:
    await begin(story, visit)

    await open_visit(page, site, visit, role="front_desk")

    drawer = page.get_by_role("dialog", name=visit["patient"]["family_name"])
    await expect(drawer.locator(".pill").first).to_have_text("In treatment")
    await expect(drawer.get_by_role("button", name="Complete session")).to_have_count(0)


async def test_the_address_of_a_visit_opens_it_on_its_day(page: Page, site: Site, visit: dict[str, Any]) -> None:
    await sign_in(page, site.account("front_desk"), to=f"/l/midtown/visits/{visit['id']}")

    await expect(page.get_by_role("dialog", name=visit["patient"]["family_name"])).to_be_visible()


def story_patient(location_id: str) -> dict[str, Any]:
    return {
        "given_name": "Imogen",
        "family_name": "Ortega-Vance",
        "phone": "+12125550147",
        "birth_date": "1988-04-12",
        "home_location_id": location_id,
    }


async def begin(story: Story, visit: dict[str, Any]) -> None:
    """Up to the point where the needling has begun."""
    for who, step in ((story.desk, "check-in"), (story.practitioner, "start")):
        await who.post("booking", f"/appointments/{visit['id']}/{step}", {})


async def open_visit(page: Page, site: Site, visit: dict[str, Any], *, role: str) -> None:
    await sign_in_to_day(page, site.account(role), visit["local_start"][:10])
    await card_of(page, visit).locator(".card").click()
    await expect(page.locator("#drawer[open]")).to_be_visible()


async def open_record(page: Page, site: Site, visit: dict[str, Any]) -> None:
    await open_visit(page, site, visit, role="practitioner")
    await page.get_by_role("button", name="Complete session").click()
    await expect(page.get_by_role("dialog", name="Treatment record")).to_be_visible()
