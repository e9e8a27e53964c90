"""Pages that everybody can use: axe finds nothing, light or dark, at a desk or on a phone."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.support.site import Site
from tests.support.story import Story
from tests.support.window import OpenWindow, card_of, sign_in_to_day

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AT_REST = """async () => {
  const moving = document.getAnimations().filter(each => isFinite(each.effect.getComputedTiming().endTime))
  await Promise.allSettled(moving.map(each => each.finished))
}"""
"""A colour on its way to another one is nobody's choice."""
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""All that can differ in the dark: the page is the same but for its colours."""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


@pytest.fixture(params=LOOKS)
async def look(request: pytest.FixtureRequest, window: OpenWindow) -> Page:
    return await window(**LOOKS[request.param], reduced_motion="reduce")


async def test_the_sign_in_page(look: Page) -> None:
    await look.goto("/sign-in")

    assert await violations(look) == []


async def test_words_that_are_too_pale_are_found_in_each_look(look: Page) -> None:
    await look.goto("/sign-in")
    await look.locator("h1").evaluate("title => { title.style.color = 'rgb(127 127 127 / 0.3)' }")

    assert [found.partition(":")[0] for found in await violations(look)] == ["color-contrast"]


async def test_the_day_its_drawer_and_the_booking_form(look: Page, site: Site, story: Story) -> None:
    visit = await story_visit(story)
    await sign_in_to_day(look, site.account("owner"), visit["local_start"][:10])
    assert await violations(look) == []

    await card_of(look, visit).locator(".card").click()
    await expect(look.locator("#drawer[open] .timeline")).to_be_visible()
    assert await violations(look) == []

    await look.locator("#drawer [data-close]").click()
    await look.locator("#new").click()
    await look.get_by_role("button", name="Book appointment").click()
    await expect(look.get_by_text("Choose a patient, or register a new one.")).to_be_visible()
    assert await violations(look) == []


async def test_the_treatment_record_with_what_it_lacks(look: Page, site: Site, story: Story) -> None:
    visit = await story_visit(story)
    for step in ("check-in", "start"):
        await story.owner.post("booking", f"/appointments/{visit['id']}/{step}", {})
    await sign_in_to_day(look, site.account("owner"), visit["local_start"][:10])

    await card_of(look, visit).locator(".card").click()
    await look.get_by_role("button", name="Complete session").click()
    await look.get_by_role("button", name="Sign and complete").click()
    await expect(look.get_by_text("Add at least one treated area.")).to_be_visible()

    assert await violations(look) == []


async def test_nothing_reaches_beyond_the_edge_of_a_phone(window: OpenWindow, site: Site, story: Story) -> None:
    page = await window(**LOOKS["phone"])
    visit = await story_visit(story)
    await sign_in_to_day(page, site.account("owner"), visit["local_start"][:10])

    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


async def story_visit(story: Story) -> dict[str, Any]:
    midtown = next(each for each in await story.desk.get("booking", "/locations") if each["code"] == "midtown")
    patient = {
        "given_name": "Iris",
        "family_name": "Lund",
        "birth_date": "1991-02-03",
        "home_location_id": midtown["id"],
    }
    known = await story.desk.post("booking", "/patients", patient)
    return await story.book(midtown["id"], known["id"])


async def violations(page: Page) -> list[str]:
    """What axe finds once nothing moves any more, by rule, with the first place where it was found."""
    await page.evaluate(AT_REST)
    is_dark = await page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches")
    rules = OF_COLOURS if is_dark else RULES
    found = await Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found.response["violations"]]
