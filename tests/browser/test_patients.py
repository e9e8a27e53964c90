"""Finding, registering and following a patient: what comes next, what was said to them, and why."""

import re
from uuid import uuid4

from playwright.async_api import Page, expect

from tests.support.site import Site
from tests.support.story import Story, a_patient
from tests.support.window import PLACE, sign_in


async def test_who_is_searched_in_vain_is_registered_with_that_name(page: Page, site: Site) -> None:
    name = f"Zuleika Quorn{uuid4().hex[:4].translate(str.maketrans('0123456789', 'ghijklmnop'))}"
    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/patients")

    await page.get_by_placeholder("Name, phone or e-mail").fill(name)
    await page.get_by_role("link", name="Register them").click()
    await expect(page.get_by_label("First name")).to_have_value("Zuleika")
    await page.get_by_role("button", name="Register patient").click()
    await expect(page.get_by_text("Enter the date of birth.")).to_be_visible()
    await page.get_by_label("Date of birth").fill("1990-04-23")
    await page.get_by_label("Phone").fill("12")
    await page.get_by_role("button", name="Register patient").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("Phone").fill("(646) 555-0163")
    await page.get_by_role("button", name="Register patient").click()

    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="is registered")).to_be_visible()
    await expect(page.get_by_text("Nothing is booked.")).to_be_visible()


async def test_who_seems_to_be_known_is_compared_before_there_are_two_records(
    page: Page, site: Site, story: Story
) -> None:
    _, patient_id = await story.someone_new()
    known = await story.desk.get("booking", f"/patients/{patient_id}")
    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/patients/new")

    await page.get_by_label("First name").fill("Imogene")
    await page.get_by_label("Family name").fill(known["family_name"])
    await page.get_by_label("Date of birth").fill(known["birth_date"])
    await page.get_by_role("button", name="Register patient").click()
    asked = page.get_by_role("alert")
    await expect(asked).to_contain_text("Is it")
    await expect(asked.get_by_role("link", name=f"Imogen {known['family_name']}")).to_be_visible()
    await page.get_by_role("button", name="It is somebody else: register").click()

    await expect(page.get_by_role("heading", name=f"Imogene {known['family_name']}")).to_be_visible()


async def test_a_number_that_changed_is_corrected_on_the_patients_page(page: Page, site: Site, story: Story) -> None:
    _, patient_id = await story.someone_new()
    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/patients/{patient_id}")

    await page.get_by_role("link", name="Edit").click()
    await page.get_by_label("Phone").fill("(212) 555-0188")
    await page.get_by_role("button", name="Save details").click()

    await expect(page.get_by_role("status").filter(has_text="The details are saved")).to_be_visible()
    await expect(page.get_by_role("link", name="+1 212-555-0188")).to_be_visible()


async def test_the_next_step_is_one_click_away(page: Page, site: Site, story: Story) -> None:
    location_id, patient_id = await story.someone_new()
    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/patients/{patient_id}")

    await page.keyboard.press("n")
    booking = page.get_by_role("dialog", name="New appointment")
    await expect(booking).to_contain_text("Imogen Story")
    await booking.get_by_label("Day", exact=True).fill((await story.free_slot(location_id))["local_start"][:10])
    await booking.get_by_label("Time", exact=True).locator("optgroup").first.wait_for(state="attached")
    await booking.get_by_role("button", name="Book appointment").click()

    await expect(page.get_by_role("region", name="Upcoming").locator(".pill")).to_have_text("Booked")


async def test_packages_show_how_many_sessions_are_left(page: Page, site: Site, story: Story) -> None:
    location_id, patient_id = await story.someone_new()
    await story.sell(location_id, patient_id)

    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/patients/{patient_id}")

    await expect(page.get_by_role("region", name="Packages")).to_contain_text("3 of 3 left")
    await expect(page.get_by_role("list", name="3 free, 0 reserved, 0 used, of 3 sessions")).to_be_visible()


async def test_a_patient_without_an_account_owes_nothing(page: Page, site: Site, story: Story) -> None:
    """Billing has never heard of somebody who was only registered."""
    _, patient_id = await story.someone_new()

    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/patients/{patient_id}/account")

    await expect(page.get_by_role("region", name="The account in numbers")).to_contain_text("$0.00")


async def test_the_timeline_tells_what_followed_from_what(page: Page, site: Site, story: Story) -> None:
    visit = await story.one_visit(package=True)
    assert await story.has_settled(visit)

    await sign_in(page, site.account("manager"), to=f"/l/{PLACE}/patients/{visit.patient_id}/timeline")

    done = page.locator(".tale").filter(has_text="Treatment completed")
    await expect(done).to_have_count(1)
    await expect(done).to_contain_text("Paid from the package: $500.00; 2 sessions left")
    await expect(done).to_contain_text("Taken from stock")
    await expect(done).to_contain_text("Next visit suggested")
    await expect(page.locator(".tale").filter(has_text="Bought a package: 3 sessions for $1,500.00")).to_have_count(1)


async def test_a_message_is_read_as_the_patient_reads_it(page: Page, site: Site) -> None:
    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/messages?template=booking_confirmation")

    await page.get_by_role("link", name="Booking confirmation").first.click()

    await expect(page.get_by_role("article", name="The message")).to_contain_text("Your appointment at")
    await expect(page.locator(".particulars")).to_contain_text(re.compile(r"Sent \w{3} \d+, \d+:\d\d [ap]m"))


async def test_no_name_in_a_file_becomes_a_formula(page: Page, site: Site, story: Story) -> None:
    location_id, _ = await story.someone_new()
    evil = await story.desk.post("booking", "/patients", {**a_patient(location_id), "given_name": "=2+5"})
    booked = await story.book(location_id, evil["id"])
    await story.check_in(booked)
    await story.treat(booked)
    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/patients/{evil['id']}")
    await expect(page.get_by_text("They should come again")).to_be_visible()

    await page.goto(f"/l/{PLACE}/recalls?state=open")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Export CSV").click()
    text = (await (await downloading.value).path()).read_text(encoding="utf-8-sig")

    assert f"'=2+5 {evil['family_name']}" in text
    assert "\n=2+5" not in text
