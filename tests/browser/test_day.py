import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Locator, Page, Route, expect

from tests.support.site import Site
from tests.support.story import Story, a_patient
from tests.support.waiting import eventually
from tests.support.window import OpenWindow, card_of, day_is_drawn, empty_time, sign_in_to_day, starts_at

QUARTER_PX = 21
"""Height of a quarter of an hour in the grid."""


async def test_a_click_on_an_empty_time_books_it_for_a_new_patient(page: Page, site: Site, story: Story) -> None:
    await sign_in_to_day(page, site.account("front_desk"), await a_quiet_day(story))
    cards = page.locator(".ec-event .card")
    before = await cards.count()

    await page.mouse.click(*await empty_time(page))
    form = page.get_by_role("dialog", name="New appointment")
    await form.get_by_label("Patient").fill("Ines Novikova")
    await form.get_by_role("button", name="Register “Ines Novikova”").click()
    await form.get_by_label("Date of birth").fill("1990-05-17")
    await form.get_by_role("button", name="Book appointment").click()

    await expect(form).to_be_hidden()
    await expect(cards).to_have_count(before + 1)
    await expect(page.locator(".toast")).to_contain_text("Ines Novikova is booked for")


async def test_a_booking_without_a_patient_says_what_is_missing(page: Page, site: Site, story: Story) -> None:
    await sign_in_to_day(page, site.account("front_desk"), await a_quiet_day(story))

    await page.keyboard.press("n")
    form = page.get_by_role("dialog", name="New appointment")
    await form.get_by_role("button", name="Book appointment").click()

    await expect(form.get_by_text("Choose a patient, or register a new one.")).to_be_visible()
    await expect(form.get_by_label("Patient")).to_be_focused()


async def test_who_is_not_there_at_the_start_is_marked_late_as_the_minutes_pass(
    page: Page, site: Site, story: Story
) -> None:
    visit = await story.book(*await story.someone_new())
    await page.clock.install()
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])
    late = card_of(page, visit).locator(".card-late")
    await expect(late).to_be_hidden()

    ahead = datetime.fromisoformat(visit["starts_at"]) - datetime.now(UTC)
    await page.clock.fast_forward(int((ahead + timedelta(minutes=12)).total_seconds() * 1000))

    await expect(late).to_have_text(re.compile(r"Late 1[123] min"))
    await expect(card_of(page, visit)).to_have_class(re.compile("is-late"))


async def test_the_stretch_before_the_treatment_room_is_told_apart_on_the_card(
    page: Page, site: Site, story: Story
) -> None:
    visit = await story.book(*await story.someone_new())
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])
    card = card_of(page, visit)

    shares = await card.evaluate(
        "card => card.querySelector('.card-elsewhere').getBoundingClientRect().height / card.clientHeight"
    )

    assert 0.2 < shares < 0.7
    await expect(card.locator(".out-of-sight")).to_contain_text("in the treatment room from")


async def test_a_drag_moves_a_visit_and_undo_puts_it_back(page: Page, site: Site, story: Story) -> None:
    visit = await a_consultation(story)
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])
    card = card_of(page, visit)
    await card.scroll_into_view_if_needed()
    begun = await starts_at(card)

    x, y = await handle_of(card)
    await take_hold(page, card)
    await page.mouse.move(x, y + 2 * QUARTER_PX, steps=6)
    await page.mouse.up()

    await expect(page.locator(".toast")).to_contain_text("moved to")
    assert await starts_at(card) == later(begun, minutes=30)
    await page.get_by_role("button", name="Undo").click()
    await expect(card.locator(".card-what")).to_contain_text(begun)


async def test_alt_and_an_arrow_move_a_visit_without_a_mouse(page: Page, site: Site, story: Story) -> None:
    visit = await a_consultation(story)
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])
    card = card_of(page, visit)
    begun = await starts_at(card)

    await card.locator(".card").focus()
    await page.keyboard.press("Alt+ArrowDown")

    await expect(card.locator(".card-what")).to_contain_text(later(begun, minutes=15))
    await expect(card.locator(".card")).to_be_focused()


async def test_keys_do_not_move_onto_a_taken_time_but_offer_others(page: Page, site: Site, story: Story) -> None:
    visit = await a_consultation(story)
    other = await a_consultation(story, after=visit)
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])
    card = card_of(page, visit)
    begun = await starts_at(card)

    await card.locator(".card").focus()
    await page.keyboard.press("Alt+ArrowDown")

    refused = page.locator(".toast.bad")
    await expect(refused).to_contain_text(f"{visit['practitioner_name']} has {full_name(other)} at ")
    assert await starts_at(card) == begun
    instead = refused.locator(".others button").first
    offered = (await instead.inner_text()).partition(",")[0]
    await instead.click()
    await expect(card.locator(".card-what")).to_contain_text(offered)


async def test_a_card_that_is_dragged_shows_where_it_can_not_go_and_why(page: Page, site: Site, story: Story) -> None:
    visit = await a_consultation(story)
    other = await a_consultation(story, after=visit)
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])
    card, taken = card_of(page, visit), card_of(page, other)
    begun, why = await starts_at(card), page.locator("#why-not")

    await take_hold(page, card)
    await expect(page.locator(".barred").first).to_be_attached()
    await page.mouse.move(*(await handle_of(taken)), steps=6)

    await expect(why).to_have_text(
        re.compile(rf"^{visit['practitioner_name']} has {full_name(other)} at [\d:]+ [ap]m\.$")
    )
    await page.mouse.up()
    await expect(why).to_be_hidden()
    await expect(page.locator(".barred")).to_have_count(0)
    await expect(page.locator(".toast.bad")).to_contain_text(f"has {full_name(other)} at ")
    await expect(page.locator(".toast.bad .others button").first).to_be_visible()
    assert await starts_at(card) == begun


async def test_somebody_else_who_booked_meanwhile_is_told_after_the_drop(page: Page, site: Site, story: Story) -> None:
    """What the grid was told may be old: the server has the last word."""
    visit = await a_consultation(story)
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])
    card = card_of(page, visit)
    begun = await starts_at(card)

    await take_hold(page, card)
    await expect(page.locator(".barred").first).to_be_attached()
    await a_consultation(story, after=visit)
    x, y = await handle_of(card)
    await page.mouse.move(x, y + QUARTER_PX, steps=4)
    await page.mouse.up()

    await expect(page.locator(".toast.bad .others button").first).to_be_visible()
    await expect(card.locator(".card-what")).to_contain_text(begun)


async def test_another_desk_sees_it_at_once(window: OpenWindow, site: Site, story: Story) -> None:
    visit = await a_consultation(story)
    day = visit["local_start"][:10]
    here, there = await window(), await window()
    await sign_in_to_day(here, site.account("front_desk"), day)
    await sign_in_to_day(there, site.account("manager"), day)

    await card_of(here, visit).locator(".card").focus()
    await here.keyboard.press("Alt+ArrowDown")

    moved = later(await starts_at_of(visit), minutes=15)
    await expect(card_of(there, visit).locator(".card-what")).to_contain_text(moved)


async def test_what_the_page_asks_by_itself_dims_no_button(page: Page, site: Site, story: Story) -> None:
    visit = await a_consultation(story)
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])
    asked, looked = asyncio.Event(), asyncio.Event()

    async def answer_late(route: Route) -> None:
        asked.set()
        await looked.wait()
        await route.continue_()

    await page.route("**/figures", answer_late)
    await story.desk.post("booking", f"/appointments/{visit['id']}/confirm", {})
    await asked.wait()
    opacity = await page.locator("#new").evaluate("button => getComputedStyle(button).opacity")
    looked.set()

    assert opacity == "1"


async def test_a_card_shows_the_wall_clock_of_the_clinic_wherever_the_browser_is(
    window: OpenWindow, site: Site, story: Story
) -> None:
    visit = await a_consultation(story)
    for zone in ("Asia/Tokyo", "America/Los_Angeles", "Australia/Lord_Howe"):
        page = await window(timezone_id=zone)
        await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])
        assert await starts_at(card_of(page, visit)) == await starts_at_of(visit)


async def test_rooms_stand_side_by_side_too(page: Page, site: Site, story: Story) -> None:
    visit = await a_consultation(story)
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])

    await page.get_by_role("link", name="Rooms").click()
    await day_is_drawn(page)

    await expect(card_of(page, visit)).to_have_count(1)
    await expect(page.locator(".column-head").get_by_text(visit["room_name"])).to_be_visible()


async def test_arrows_walk_from_card_to_card_with_one_tab_stop(page: Page, site: Site, story: Story) -> None:
    visit = await a_consultation(story)
    await a_consultation(story, after=visit)
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])

    await card_of(page, visit).locator(".card").focus()
    await page.keyboard.press("ArrowDown")

    focused = page.locator(".card:focus")
    await expect(focused).to_have_count(1)
    await expect(card_of(page, visit).locator(".card")).not_to_be_focused()
    await expect(page.locator(".card[tabindex='0']")).to_have_count(1)


async def test_slash_finds_a_patient_from_anywhere(page: Page, site: Site, story: Story) -> None:
    visit = await a_consultation(story)
    await sign_in_to_day(page, site.account("front_desk"), visit["local_start"][:10])

    await page.keyboard.press("/")
    await page.keyboard.type(visit["patient"]["family_name"])

    await expect(page.locator("#hits").get_by_role("link")).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(visit["patient"]["family_name"])


async def a_quiet_day(story: Story) -> str:
    """A day with shifts and little booked yet."""
    location = (await story.desk.get("booking", "/locations"))[0]
    slot = await story.free_slot(location["id"])
    day = datetime.fromisoformat(slot["local_start"]).date() + timedelta(days=28)
    return day.isoformat()


async def a_consultation(story: Story, *, after: dict[str, Any] | None = None) -> dict[str, Any]:
    """A booked visit with free time behind it; or one that begins when another, of the same person, ends."""
    midtown = next(each for each in await story.desk.get("booking", "/locations") if each["code"] == "midtown")
    patient = await story.desk.post("booking", "/patients", a_patient(midtown["id"]))
    body = {"patient_id": patient["id"], "location_id": midtown["id"], "treatment": "consultation"}
    if after is None:
        body |= await _roomy_start(story, midtown["id"])
    else:
        ends = datetime.fromisoformat(after["local_end"])
        body |= {"local_start": ends.isoformat(), "practitioner_id": after["practitioner_id"]}
    booked: dict[str, Any] = await story.desk.post("booking", "/appointments", body)
    return booked


async def _roomy_start(story: Story, location_id: str) -> dict[str, str]:
    """A start after which the same person has an hour and a half without a visit."""
    day = await a_quiet_day(story)
    asked = {"location_id": location_id, "treatment": "consultation", "from": day, "to": day}
    free = {
        (each["practitioner_id"], each["local_start"]) for each in await story.desk.get("booking", "/slots", **asked)
    }
    for practitioner, start in sorted(free, key=lambda each: each[1]):
        ahead = [(datetime.fromisoformat(start) + timedelta(minutes=15 * step)).isoformat() for step in range(6)]
        if all((practitioner, each) in free for each in ahead):
            return {"local_start": start, "practitioner_id": practitioner}
    raise AssertionError("no hour and a half is free on the quiet day")


async def handle_of(card: Locator) -> tuple[float, float]:
    """The point at which a hand takes a card, brought into view: near its upper edge."""

    async def corner() -> tuple[float, float] | None:
        """None where the grid has just put another element in its place."""
        found = await card.evaluate(
            """(card) => {
                card.scrollIntoView({ block: "nearest" });
                const { x, y } = card.getBoundingClientRect();
                return card.isConnected ? [x, y] : null;
            }"""
        )
        return found and (found[0], found[1])

    x, y = await eventually(corner)
    return x + 30, y + 8


async def take_hold(page: Page, card: Locator) -> None:
    """Press, and pull a little, as long as it takes until it is a drag."""
    x, y = await handle_of(card)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y + 6, steps=2)


def full_name(visit: dict[str, Any]) -> str:
    return f"{visit['patient']['given_name']} {visit['patient']['family_name']}"


def later(told: str, *, minutes: int) -> str:
    """9:45 am, 30 minutes later: 10:15 am."""
    moved = datetime.strptime(told.upper(), "%I:%M %p") + timedelta(minutes=minutes)  # noqa: DTZ007 - a wall clock
    return f"{moved.hour % 12 or 12}:{moved.minute:02} {'am' if moved.hour < 12 else 'pm'}"


async def starts_at_of(visit: dict[str, Any]) -> str:
    start = datetime.fromisoformat(visit["local_start"])
    return f"{start.hour % 12 or 12}:{start.minute:02} {'am' if start.hour < 12 else 'pm'}"
