from playwright.async_api import APIRequestContext, Browser, Page, expect

from tests.support.site import Site
from tests.support.window import sign_in

SMUGGLE = """() => {
    const script = document.createElement('script');
    script.textContent = 'window.smuggled = true';
    document.body.append(script);
}"""
POST = """async ([path, headers]) => (await fetch(path, {method: 'POST', headers})).status"""


async def test_a_change_without_the_token_of_the_session_is_refused(page: Page, site: Site) -> None:
    await sign_in(page, site.account("front_desk"))
    token = await page.locator("meta[name=csrf]").get_attribute("content")

    assert await page.evaluate(POST, ["/sign-out", {}]) == 403
    assert await page.evaluate(POST, ["/sign-out", {"X-CSRF-Token": "0" * 64}]) == 403
    assert await page.evaluate(POST, ["/sign-out", {"X-CSRF-Token": token}]) == 200


async def test_a_change_that_another_site_asks_for_is_refused(page: Page, site: Site) -> None:
    await sign_in(page, site.account("front_desk"))
    token = await page.locator("meta[name=csrf]").get_attribute("content")
    assert token is not None

    elsewhere = await page.context.request.post(
        "/sign-out", headers={"origin": "https://evil.example", "x-csrf-token": token}
    )

    assert elsewhere.status == 403
    assert "grown too old" in await elsewhere.text()


async def test_nobody_is_signed_in_from_another_site(page: Page, site: Site) -> None:
    account = site.account("front_desk")

    answer = await page.context.request.post(
        "/sign-in",
        form={"email": account.email, "password": account.password},
        headers={"origin": "https://evil.example"},
    )

    assert answer.status == 403
    assert await page.context.cookies() == []


async def test_a_script_that_was_smuggled_in_does_not_run(browser: Browser, site: Site) -> None:
    context = await browser.new_context(base_url=site.url)
    page = await context.new_page()
    await page.goto("/sign-in")

    async with page.expect_console_message(lambda told: "Content Security Policy" in told.text):
        await page.evaluate(SMUGGLE)

    assert await page.evaluate("() => window.smuggled ?? null") is None
    await context.close()


async def test_every_answer_is_hardened(page: Page, site: Site) -> None:
    await sign_in(page, site.account("front_desk"))

    for path in ("/", "/sign-in", "/l/midtown/day/2027-01-04/cards", "/no-such-page"):
        headers = (await page.context.request.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


async def test_files_are_kept_for_a_year_under_the_name_of_their_content(page: Page) -> None:
    answers: dict[str, str] = {}
    page.on("response", lambda answer: answers.update({answer.url: answer.headers.get("cache-control", "")}))

    await page.goto("/sign-in")
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()

    files = {url: caching for url, caching in answers.items() if "/static/" in url}
    assert files
    assert set(files.values()) == {"public, max-age=31536000, immutable"}


async def test_without_a_session_every_page_leads_to_the_door(page: Page, site: Site) -> None:
    request: APIRequestContext = page.context.request

    for path in ("/", "/l/midtown/day", "/search?q=a", "/live/midtown", "/l/midtown/patients"):
        answer = await request.get(path, max_redirects=0)
        assert answer.status == 303, path
        assert answer.headers["location"].startswith("/sign-in")
