"""The owner of an empty chain sets all of it up in a browser, to the first visit that is booked, treated and paid."""

import os
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.async_api import Browser, Page, expect

from embedded.contents import Account
from tests.browser.test_access_to_lists import all_found
from tests.browser.test_visit import STEPS
from tests.support.screen import go_to_day, has_settled
from tests.support.site import NEEDLEPOINT, OwnSite
from tests.support.window import Windows, empty_time

OLIVE = Account(email="olive@clinic.example", password="a key under a stone", label="owner")
HERE = "/l/fernhill-midtown"
TODAY = datetime.now(UTC).date()
NEXT_YEAR = str(TODAY + timedelta(days=365))
A_WORKDAY = next(day for day in (TODAY + timedelta(days=n) for n in range(2, 9)) if day.weekday() == 1)
"""A Tuesday after tomorrow, whatever day it is at the clinic."""
PAGES_OF_AN_EMPTY_CHAIN = (
    "/day",
    "/location",
    "/treatments",
    "/treatments/new",
    "/prices",
    "/stock/items",
    "/stock/items/new",
    "/stock/materials",
    "/stock/receive",
)
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def empty() -> Iterator[OwnSite]:
    """A chain in which there is nobody but its owner."""
    with TemporaryDirectory(prefix="needlepoint-empty-") as folder:
        site = OwnSite(Path(folder) / "data", with_demo=False)
        site.start()
        who = ("--email", OLIVE.email, "--name", "Olive Owner", "--data", str(site.folder))
        password = {"NEEDLEPOINT_PASSWORD": OLIVE.password}
        subprocess.run([NEEDLEPOINT, "owner", "create", *who], check=True, env={**os.environ, **password})
        yield site
        site.stop()


@pytest.fixture
async def owner(browser: Browser, empty: OwnSite) -> AsyncIterator[Page]:
    async with Windows(browser, empty.url) as windows:
        yield await windows.open(reduced_motion="reduce")
    assert not windows.complaints


async def test_from_nothing_to_a_visit_that_is_paid(owner: Page) -> None:
    await sign_in_to_nothing(owner)
    await opens_the_first_location(owner)
    await everybody_can_use_its_empty_pages(owner)
    await offers_a_treatment(owner)
    await has_rooms_and_a_device(owner)
    await has_somebody_who_treats(owner)
    await sets_a_price(owner)
    await expect(owner.get_by_text("Before the first visit")).to_have_count(0)
    await fills_the_shelf(owner)
    await enrols_a_colleague(owner)

    await books(owner)
    await treats(owner)
    await is_paid(owner)


async def sign_in_to_nothing(owner: Page) -> None:
    await owner.goto("/")
    await owner.get_by_label("E-mail address").fill(OLIVE.email)
    await owner.get_by_label("Password", exact=True).fill(OLIVE.password)
    await owner.get_by_role("button", name="Sign in").click()
    await expect(owner.get_by_role("heading", name="Open the first location")).to_be_visible()


async def opens_the_first_location(owner: Page) -> None:
    await owner.get_by_label("Name", exact=True).fill("Fernhill Midtown")
    await owner.get_by_label("City").fill("New York")
    await owner.get_by_label("Time zone").fill("America/New_York")
    await owner.get_by_label("Legal entity").fill("Fernhill New York PLLC")
    await owner.get_by_role("button", name="Open the location").click()
    await is_done(owner, "The location is open.")
    await expect(owner.get_by_text("0 of 5 done")).to_be_visible()


async def everybody_can_use_its_empty_pages(owner: Page) -> None:
    paths = tuple(f"{HERE}{path}" for path in PAGES_OF_AN_EMPTY_CHAIN)
    assert await all_found(owner, paths) == {}
    await owner.emulate_media(color_scheme="dark")
    assert await all_found(owner, paths) == {}
    await owner.emulate_media(color_scheme="light")
    await owner.set_viewport_size({"width": 390, "height": 844})
    assert await all_found(owner, paths) == {}
    await owner.set_viewport_size({"width": 1440, "height": 900})


async def offers_a_treatment(owner: Page) -> None:
    await goes_on(owner, "Treatments")
    await owner.get_by_role("link", name="Offer the first one").click()
    await owner.get_by_label("Name", exact=True).fill("Microneedling face")
    await owner.get_by_role("button", name="Offer it").click()
    await is_done(owner, "It is on offer.")


async def has_rooms_and_a_device(owner: Page) -> None:
    await goes_on(owner, "Rooms")
    await owner.get_by_label("Name").fill("Room 1")
    await owner.get_by_role("button", name="Add the room").click()
    await is_done(owner, "The room is added")
    await goes_on(owner, "Rooms", lacks="There is no numbing bay, which Microneedling face needs.")
    await owner.get_by_label("Name").fill("Bay")
    await owner.get_by_label("Kind").select_option("numbing_bay")
    await owner.get_by_role("button", name="Add the room").click()
    await goes_on(owner, "Devices", lacks="There is no device in service for: Pen.")
    await owner.get_by_label("Name").fill("Pen 1")
    await owner.get_by_label("Serial number").fill("SP-1")
    await owner.get_by_label("Serviced until").fill(NEXT_YEAR)
    await owner.get_by_role("button", name="Add the device").click()
    await is_done(owner, "The device is added")


async def has_somebody_who_treats(owner: Page) -> None:
    await goes_on(owner, "Practitioners")
    await owner.get_by_role("link", name="Add the first one").click()
    await owner.get_by_label("Name").fill("Maya Reyes")
    await owner.get_by_label("Credential").fill("RN")
    await owner.get_by_label("Pen").check()
    await owner.get_by_label("Valid until").fill(NEXT_YEAR)
    await owner.get_by_role("button", name="Add practitioner").click()
    shift = owner.get_by_role("form", name="Plan a shift")
    await shift.get_by_label("One more shift at Fernhill Midtown").select_option("Every Tuesday")
    await shift.get_by_label("Hours, from").fill("09:00")
    await shift.get_by_label("Hours, to").fill("18:00")
    await shift.get_by_role("button", name="Plan the shift").click()
    await is_done(owner, "The shift is planned.")


async def sets_a_price(owner: Page) -> None:
    await goes_on(owner, "Prices", lacks="There is no price for Microneedling face.")
    await owner.get_by_role("link", name="Set a price of Microneedling face").click()
    await owner.get_by_label("Price of a session").fill("450")
    await owner.get_by_role("button", name="Save the price").click()
    await is_done(owner, "The price of Microneedling face is set.")
    await owner.goto(f"{HERE}/location")


async def fills_the_shelf(owner: Page) -> None:
    await owner.goto(f"{HERE}/stock/items")
    await owner.get_by_role("link", name="Add the first item").click()
    await owner.get_by_label("Name", exact=True).fill("Hyaluronic serum")
    await owner.get_by_label("Kind").select_option("Serum")
    await owner.get_by_label("Counted in").select_option("ml")
    await owner.get_by_role("button", name="Add the item").click()
    await is_done(owner, "The item is added.")
    await owner.get_by_role("link", name="What sessions use", exact=True).click()
    await owner.get_by_role("link", name="Microneedling face").click()
    line = owner.get_by_role("group", name="Item 1")
    await line.get_by_label("Item").select_option("Hyaluronic serum")
    await expect(line.locator(".measure")).to_have_text("ml")
    await line.get_by_label("A session uses").fill("3")
    await owner.get_by_role("button", name="Save").click()
    await is_done(owner, "What a session of Microneedling face uses is saved.")
    await owner.goto(f"{HERE}/stock/receive")
    await owner.get_by_label("Supplier").fill("Northwind")
    box = owner.get_by_role("group", name="Box 1")
    await box.get_by_label("Item").fill("Hyaluronic serum")
    await box.get_by_label("Lot number").fill("HS-1")
    await box.get_by_label("Expiry").fill(NEXT_YEAR)
    await box.get_by_label("Quantity").fill("30")
    await owner.get_by_role("button", name="Put on the shelf").click()
    await is_done(owner, "The delivery is on the shelf.")


async def enrols_a_colleague(owner: Page) -> None:
    await owner.goto(f"{HERE}/staff/new")
    await owner.get_by_label("Name", exact=True).fill("Sam Park")
    await owner.get_by_label("E-mail").fill("sam@clinic.example")
    await owner.get_by_label("First role").select_option("Front desk")
    await owner.get_by_label("Where").select_option("Fernhill Midtown")
    await owner.get_by_role("button", name="Add them").click()
    await is_done(owner, "They are added.")


async def books(owner: Page) -> None:
    await owner.goto(f"{HERE}/day")
    await owner.get_by_label("Go to a day").fill(str(A_WORKDAY))
    await go_to_day(owner, str(A_WORKDAY))
    await owner.mouse.click(*await empty_time(owner))
    form = owner.get_by_role("dialog", name="New appointment")
    await form.get_by_label("Patient").fill("Ada Vance")
    await form.get_by_role("button", name="Register").click()
    await form.get_by_label("Date of birth").fill("1990-05-04")
    await has_settled(form)
    await form.get_by_role("button", name="Book appointment").click()
    await expect(owner.locator(".toast")).to_contain_text("Ada Vance is booked for")


async def treats(owner: Page) -> None:
    await owner.locator(".ec-event .card").click()
    drawer = owner.get_by_role("dialog", name="Vance")
    for step in (*STEPS, "Complete session"):
        await expect(drawer.locator(".acts .primary")).to_have_text(step)
        await drawer.locator(".acts .primary").click()
    record = owner.get_by_role("dialog", name="Treatment record")
    await expect(record.locator("[data-lot]").first).to_be_visible()
    await record.get_by_label("Area Choose").select_option(label="Cheeks")
    await record.get_by_label("Depth").select_option(label="0.75 mm")
    await record.get_by_text("Faint redness").click()
    await record.get_by_label("Aftercare advice was given").check()
    await record.get_by_role("button", name="Sign and complete").click()
    await expect(owner.locator("#effects .there")).to_have_count(4)


async def is_paid(owner: Page) -> None:
    await owner.goto(f"{HERE}/invoices")
    await owner.get_by_role("link", name=re.compile("Ada Vance")).first.click()
    await expect(owner.get_by_text("$450.00").first).to_be_visible()
    await owner.get_by_label("Slip number").fill("T-1")
    await owner.get_by_role("button", name="Record payment").click()
    await expect(owner.get_by_role("status").filter(has_text="Paid in full")).to_be_visible()


async def goes_on(owner: Page, step: str, *, lacks: str = "") -> None:
    """From the list of what is missing to the page for it."""
    await owner.goto(f"{HERE}/location")
    await expect(owner.get_by_role("listitem").filter(has_text=lacks or step).first).to_be_visible()
    await owner.get_by_role("link", name=f"Set up {step}").click()


async def is_done(owner: Page, said: str) -> None:
    await expect(owner.get_by_role("status").filter(has_text=said)).to_be_visible()
