"""Lists, single things and forms: axe finds nothing, light or dark, at a desk or on a phone, and nothing sticks out."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.test_access import LOOKS, violations
from tests.support.site import Site
from tests.support.story import Story
from tests.support.window import PLACE, OpenWindow, sign_in

LISTS = (
    "patients",
    "patients?q=nobody-is-called-so",
    "patients/new",
    "packages",
    "packages/sell",
    "invoices",
    "prices",
    "prices/pen-face",
    "books",
    "books/journal",
    "stock",
    "stock/items",
    "stock/items/new",
    "stock/materials",
    "stock/materials/pen-face",
    "stock/deliveries",
    "stock/receive",
    "stock/discrepancies",
    "stock/discrepancies?state=closed",
    "messages",
    "recalls",
    "breaks",
    "breaks?state=healed",
    "staff",
    "staff?state=disabled",
    "staff/new",
    "practitioners",
    "practitioners/new",
    "treatments",
    "treatments?state=all",
    "treatments/new",
    "treatments/pen-face",
    "location",
    "location/rooms",
    "location/devices",
    "parked",
    "/locations/new",
)
FITS = "() => document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(params=LOOKS)
async def look(request: pytest.FixtureRequest, window: OpenWindow) -> Page:
    return await window(**LOOKS[request.param], reduced_motion="reduce")


async def test_every_list_and_form(look: Page, site: Site) -> None:
    await sign_in(look, site.account("owner"))

    assert await all_found(look, LISTS) == {}


async def test_the_pages_of_single_things(look: Page, site: Site, story: Story) -> None:
    places = await single_things(story)
    await sign_in(look, site.account("owner"))

    assert await all_found(look, places) == {}


async def test_forms_that_were_refused(look: Page, site: Site, story: Story) -> None:
    _, patient_id = await story.someone_new()
    await sign_in(look, site.account("owner"))
    refused = (
        ("patients/new", "Register patient"),
        (f"packages/sell?patient={patient_id}&treatment=pen-face", "Sell package"),
        ("stock/receive", "Put on the shelf"),
        ("stock/items/new", "Add the item"),
        ("treatments/new", "Offer it"),
        ("/locations/new", "Open the location"),
        ("staff/new", "Add them"),
        ("practitioners/new", "Add practitioner"),
        ("location/devices", "Add the device"),
    )

    for path, button in refused:
        await look.goto(path if path.startswith("/") else f"/l/{PLACE}/{path}")
        await look.get_by_role("button", name=button).click()
        await expect(look.locator(".wrong, .refusal").first).to_be_visible()
        assert await violations(look) == [], path


async def all_found(page: Page, paths: tuple[str, ...]) -> dict[str, Any]:
    """By page: what axe finds there, and whether something reaches beyond the edge."""
    found = {}
    for path in paths:
        answer = await page.goto(path if path.startswith("/") else f"/l/{PLACE}/{path}")
        assert answer is not None
        assert answer.status == 200, path
        wrong = await violations(page) + ([] if await page.evaluate(FITS) else ["wider than the window"])
        if wrong:
            found[path] = wrong
    return found


async def single_things(story: Story) -> tuple[str, ...]:
    """One of each, with everything that can follow a visit."""
    prepaid, owed = await story.one_visit(package=True), await story.one_visit(package=False)
    assert await story.has_settled(prepaid)
    assert await story.has_settled(owed)
    account = await story.desk.get("billing", f"/patients/{owed.patient_id}/account")
    [message, *_] = (await story.desk.get("notifications", "/messages", patient_id=prepaid.patient_id))["items"]
    [delivery, *_] = (await story.owner.get("inventory", "/receipts", location_id=owed.location_id))["items"]
    tabs = ("", "/account", "/messages", "/lots", "/timeline")
    [member, *_] = (await story.owner.get("identity", "/staff"))["items"]
    here = await story.owner.get("booking", f"/locations/{owed.location_id}/resources")
    return (
        f"staff/{member['id']}",
        f"practitioners/{here['practitioners'][0]['id']}",
        f"patients/{prepaid.patient_id}/edit",
        "/password",
        *(f"patients/{prepaid.patient_id}{tab}" for tab in tabs),
        f"packages/{prepaid.package_id}",
        f"invoices/{account['invoices'][0]['id']}",
        f"stock/lots/{min(owed.lots)}",
        f"stock/deliveries/{delivery['id']}",
        f"stock/items/{delivery['lines'][0]['item_id']}",
        f"messages/{message['id']}",
        f"packages/sell?patient={owed.patient_id}&treatment=pen-face",
    )
