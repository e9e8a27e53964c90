import re

from playwright.async_api import Page, expect

from tests.support.site import Site
from tests.support.window import sign_in


async def test_a_demo_account_signs_in_with_one_click_and_lands_on_the_day(page: Page, site: Site) -> None:
    await page.goto("/")

    await page.get_by_role("button", name=site.account("front_desk").label).click()
    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("region", name="Appointments")).to_be_visible()
    await expect(page.get_by_role("link", name="Day", exact=True)).to_have_attribute("aria-current", "page")


async def test_a_wrong_password_says_so_and_keeps_the_address(page: Page, site: Site) -> None:
    await page.goto("/sign-in")
    await page.get_by_label("E-mail address").fill(site.account("front_desk").email)
    await page.get_by_label("Password", exact=True).fill("not this one")
    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    await expect(page.get_by_label("E-mail address")).to_have_value(site.account("front_desk").email)


async def test_who_was_on_the_way_somewhere_arrives_there(page: Page, site: Site) -> None:
    await sign_in(page, site.account("front_desk"), to="/l/midtown/day/2027-01-04?by=rooms")

    await expect(page).to_have_url(f"{site.url}/l/midtown/day/2027-01-04?by=rooms")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Monday, January 4, 2027")


async def test_signing_out_ends_the_session(page: Page, site: Site) -> None:
    await sign_in(page, site.account("front_desk"))
    kept = await page.context.cookies()

    await page.get_by_role("button", name="your account").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(f"{site.url}/sign-in")

    await page.context.add_cookies([{**cookie} for cookie in kept])  # type: ignore[typeddict-item]  # the same keys
    await page.goto("/")
    await expect(page).to_have_url(f"{site.url}/sign-in")


async def test_scripts_cannot_read_the_session(page: Page, site: Site) -> None:
    await sign_in(page, site.account("front_desk"))

    (cookie,) = [each for each in await page.context.cookies() if each["name"] == "needlepoint"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert "needlepoint" not in await page.evaluate("() => document.cookie")


async def test_only_locations_that_were_granted_are_offered_and_the_choice_is_remembered(
    page: Page, site: Site
) -> None:
    await sign_in(page, site.account("front_desk"), to="/l/brooklyn-heights/day")

    await expect(page.locator(".places li")).to_have_count(2)
    await page.goto("/")
    await expect(page).to_have_url(re.compile("/l/brooklyn-heights/day/"))


async def test_a_location_of_others_says_who_can_help(page: Page, site: Site) -> None:
    await sign_in(page, site.account("front_desk"))

    answer = await page.goto("/l/venice-beach/day")

    assert answer is not None
    assert answer.status == 404
    await expect(page.get_by_role("heading", level=1)).to_have_text("You do not work at this location")
    await expect(page.get_by_role("link", name="Back to your work")).to_be_visible()


async def test_dark_by_choice_stays_dark(page: Page, site: Site) -> None:
    await sign_in(page, site.account("front_desk"))
    await page.get_by_role("button", name="Switch between light and dark").click()

    await page.reload()

    assert await page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "dark"
