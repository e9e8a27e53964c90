"""Selling packages, taking payments, and the books that follow, as the desk and finance see them."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, Request, Route, expect

from tests.support.site import Site
from tests.support.story import Story
from tests.support.window import PLACE, sign_in


@pytest.fixture
async def patient(story: Story) -> dict[str, Any]:
    """Somebody who has not bought anything yet."""
    midtown = next(each for each in await story.desk.get("booking", "/locations") if each["code"] == PLACE)
    unique = uuid4().hex[:6].translate(str.maketrans("0123456789", "ghijklmnop"))
    body = {"given_name": "Odile", "family_name": f"Marsh-{unique}", "birth_date": "1979-09-30"}
    known: dict[str, Any] = await story.desk.post("booking", "/patients", {**body, "home_location_id": midtown["id"]})
    return known


async def test_a_package_is_sold_from_the_search_to_its_sessions(
    page: Page, site: Site, patient: dict[str, Any]
) -> None:
    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/packages")
    await page.keyboard.press("n")

    await page.get_by_label("Name, phone or e-mail of the patient").fill(patient["family_name"])
    await page.get_by_role("link", name=patient["family_name"]).click()
    await page.get_by_role("link", name="Microneedling face", exact=False).first.click()
    await page.get_by_role("radio", name="3 sessions").check()
    price = await page.get_by_label("Agreed price").input_value()
    await page.get_by_label("Slip number").first.fill(f"T-{uuid4().hex[:8]}")
    await expect(page.locator("#still")).to_have_text("$0.00")
    await page.get_by_role("button", name=f"Sell for ${float(price):,.2f}").click()

    await expect(page.get_by_role("status").filter(has_text="sold and paid")).to_be_visible()
    await expect(page.get_by_role("heading", name="3 of 3 sessions left")).to_be_visible()
    await expect(page.get_by_role("cell", name="Not booked yet")).to_have_count(3)
    await expect(page.get_by_role("row", name="exactly the price")).to_contain_text(f"${float(price):,.2f}")


async def test_a_name_typed_before_the_page_has_its_scripts_is_searched_all_the_same(
    page: Page, site: Site, patient: dict[str, Any]
) -> None:
    await sign_in(page, site.account("front_desk"))
    has_typed = asyncio.Event()

    async def wait_for_it(route: Route) -> None:
        await has_typed.wait()
        await route.continue_()

    await page.route("**/htmx*.js*", wait_for_it)
    await page.goto(f"/l/{PLACE}/packages/sell", wait_until="commit")
    await page.get_by_label("Name, phone or e-mail of the patient").fill(patient["family_name"])
    has_typed.set()

    await expect(page.get_by_role("link", name=patient["family_name"])).to_be_visible()


async def test_a_sale_that_is_sent_twice_is_made_once(page: Page, site: Site, patient: dict[str, Any]) -> None:
    await open_sale(page, site, patient)
    await page.get_by_role("radio", name="3 sessions").check()
    await pay_by(page, "Cash")

    async with page.expect_request(is_post) as sending:
        await page.get_by_role("button", name="Sell for").click()
    await expect(page.get_by_role("heading", name="3 of 3 sessions left")).to_be_visible()
    again = await send_again(page, await sending.value)

    assert again.status == 303
    assert again.headers["location"].split("?")[0] in page.url
    await page.goto(f"/l/{PLACE}/patients/{patient['id']}/account")
    await expect(page.get_by_role("region", name="Packages of").get_by_role("rowheader")).to_have_count(1)


async def test_payments_that_do_not_add_up_are_told_at_the_last_of_them(
    page: Page, site: Site, patient: dict[str, Any]
) -> None:
    await open_sale(page, site, patient)
    await page.get_by_role("radio", name="3 sessions").check()
    await page.get_by_label("Agreed price").fill("1000")
    await pay_by(page, "Cash")
    await page.get_by_label("Amount").first.fill("600")
    await page.get_by_text("Split the payment").click()
    await page.get_by_label("Amount").nth(1).fill("300")

    await expect(page.locator("#still")).to_have_text("$100.00")
    await page.get_by_role("button", name="Sell for $1,000.00").click()

    await expect(page.get_by_text("That is $100.00 too little")).to_be_visible()
    await expect(page.get_by_label("Amount").nth(1)).to_have_value("300")
    await page.get_by_label("Amount").nth(1).fill("400")
    await page.get_by_role("button", name="Sell for").click()
    await expect(page.get_by_role("heading", name="3 of 3 sessions left")).to_be_visible()


async def test_an_unusual_price_is_asked_about_and_not_refused(page: Page, site: Site, patient: dict[str, Any]) -> None:
    """CL-96."""
    await open_sale(page, site, patient)
    await page.get_by_role("radio", name="3 sessions").check()
    await pay_by(page, "Cash")

    await page.get_by_label("Agreed price").fill("600")
    await expect(page.get_by_text("Here it is $200.00")).to_be_visible()
    await page.get_by_role("button", name="Sell for $600.00").click()

    await expect(page.get_by_role("heading", name="3 of 3 sessions left")).to_be_visible()


async def test_an_invoice_is_paid_in_part_and_then_in_full(page: Page, site: Site, story: Story) -> None:
    invoice = await an_invoice(story)
    due = invoice["due"]["minor"]
    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/invoices/{invoice['id']}")

    await pay_by(page, "Cash")
    await page.get_by_label("Amount").fill("100")
    await page.get_by_role("button", name="Record payment").click()
    await expect(
        page.get_by_role("status").filter(has_text=f"${(due - 10000) / 100:,.2f} is still due")
    ).to_be_visible()
    await page.get_by_label("Amount").fill("99999")
    await pay_by(page, "Cash")
    await page.get_by_role("button", name="Record payment").click()
    await expect(page.get_by_role("alert")).to_contain_text("more than what is still owed")

    await page.get_by_label("Amount").fill(f"{(due - 10000) / 100:.2f}")
    await pay_by(page, "Card terminal")
    await page.get_by_label("Slip number").fill(f"T-{uuid4().hex[:8]}")
    await page.get_by_role("button", name="Record payment").click()

    await expect(page.get_by_role("status").filter(has_text="Paid in full")).to_be_visible()
    await expect(page.locator(".pill.good")).to_have_text("Paid")
    await expect(page.get_by_role("button", name="Record payment")).to_have_count(0)


async def test_a_card_payment_without_its_slip_is_told_at_the_field(page: Page, site: Site, story: Story) -> None:
    invoice = await an_invoice(story)
    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/invoices/{invoice['id']}")

    await page.get_by_role("button", name="Record payment").click()

    slip = page.get_by_label("Slip number")
    await expect(slip).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text("Enter the number that the terminal printed")).to_be_visible()


async def test_finance_sees_the_proof_and_takes_the_journal_home(page: Page, site: Site) -> None:
    await sign_in(page, site.account("finance"), to=f"/l/{PLACE}/books")

    await expect(page.get_by_text("Balanced")).to_have_count(2)
    await expect(page.get_by_text("agrees from both sides")).to_be_visible()
    await page.get_by_role("link", name="Deferred revenue").first.click()
    await expect(page.get_by_role("rowheader").first).to_contain_text("Deferred revenue")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Export CSV").click()
    text = (await (await downloading.value).path()).read_text(encoding="utf-8-sig")

    lines = text.splitlines()
    assert "account" in lines[0]
    assert all("2300" in line for line in lines[1:])
    assert len(lines) > 100


async def test_the_front_desk_has_no_books(page: Page, site: Site) -> None:
    await sign_in(page, site.account("front_desk"), to=f"/l/{PLACE}/packages")
    await expect(page.get_by_role("link", name="Books")).to_have_count(0)

    answer = await page.goto(f"/l/{PLACE}/books")

    assert answer is not None
    assert answer.status == 403
    await expect(page.get_by_role("heading", name="This is not part of your role")).to_be_visible()


async def test_lists_are_filtered_sorted_and_read_on(page: Page, site: Site) -> None:
    await sign_in(page, site.account("finance"), to=f"/l/{PLACE}/packages")
    rows = page.locator("#rows > tr")
    await expect(rows).to_have_count(50)

    await page.get_by_role("link", name="Show more").click()
    await expect(rows).not_to_have_count(50)
    await page.get_by_role("link", name="Valid until").click()
    await expect(page.get_by_role("columnheader", name="Valid until")).to_have_attribute("aria-sort", "ascending")
    await page.get_by_text("Used up", exact=True).first.click()

    await expect(page).to_have_url(re.compile(r"state=used_up&sort=expires_on$"))
    await expect(rows.filter(has_text="0 left").first).to_be_visible()
    await expect(rows.filter(has_not_text="0 left")).to_have_count(0)
    await page.go_back()
    await expect(page.get_by_role("columnheader", name="Valid until")).to_have_attribute("aria-sort", "ascending")


async def open_sale(page: Page, site: Site, patient: dict[str, Any]) -> None:
    address = f"/l/{PLACE}/packages/sell?patient={patient['id']}&treatment=pen-face"
    await sign_in(page, site.account("front_desk"), to=address)


async def an_invoice(story: Story) -> dict[str, Any]:
    """Of a session that no package paid for."""
    visit = await story.one_visit(package=False)
    assert await story.has_settled(visit)
    account = await story.desk.get("billing", f"/patients/{visit.patient_id}/account")
    found: dict[str, Any] = account["invoices"][0]
    return found


async def pay_by(page: Page, way: str) -> None:
    await page.get_by_role("group", name="How it is paid").first.get_by_text(way).click()


def is_post(request: Request) -> bool:
    return request.method == "POST"


async def send_again(page: Page, request: Request) -> Any:
    """What a second click or an impatient network would send: the very same form."""
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": re.match(r"https?://[^/]+", page.url)[0]}  # type: ignore[index]  # a page without an address fails the test
    return await page.context.request.post(request.url, headers=headers, data=request.post_data, max_redirects=0)
