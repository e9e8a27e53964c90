"""Prices of a location: seen by the clinic, set by those who keep the money."""

import pytest

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support.everyone import Chain
from tests.support.front import words

KEY = {"key": "k" * 20}


async def test_the_desk_sees_the_prices_and_sets_none(sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)

    page = (await desk.get("prices")).text

    assert "$600.00" in words(page)
    assert "Change" not in words(page)
    assert (await desk.get("prices/pen-face")).status_code == 403
    refused = await desk.post("prices/pen-face", {"price": "500", "effective_on": "2027-01-01", **KEY})
    assert refused.status_code == 403


async def test_a_price_from_a_day_to_come_stands_beside_the_present_one(sign_in: SignIn) -> None:
    finance = await sign_in(Role.FINANCE)

    done = await finance.post("prices/pen-face", {"price": "$650.00", "effective_on": "2027-01-04", **KEY})
    page = await finance.read(done.headers["location"])

    assert done.status_code == 303
    assert "The price of Pen, face is set. $650.00 is charged from Jan 4, 2027 on." in page
    assert "$600.00" in page
    assert [row[:2] for row in (await finance.rows("prices.csv", state="changing"))[1:]] == [["Pen, face", "pen-face"]]


async def test_an_unusual_price_is_asked_about_once(sign_in: SignIn) -> None:
    """CL-96."""
    finance = await sign_in(Role.FINANCE)
    form = {"price": "60", "effective_on": "2027-02-01", "key": "unusual-price"}

    asked = await finance.post("prices/pen-face", form)
    meant = await finance.post("prices/pen-face", {**form, "seen_unusual": "6000"})

    assert asked.status_code == 422
    assert "One session usually costs between $300.00 and $700.00." in words(asked.text)
    assert 'name="seen_unusual" value="6000"' in asked.text
    assert meant.status_code == 303


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"price": "a lot"}, "Enter a price, such as 450 or 450.50"),
        ({"price": "-5"}, "Enter a price"),
        ({"price": ""}, "Enter a price"),
        ({"effective_on": ""}, "Enter a date"),
    ],
)
async def test_what_can_not_be_a_price_is_told_at_its_field(sign_in: SignIn, wrong: dict[str, str], told: str) -> None:
    finance = await sign_in(Role.FINANCE)

    answer = await finance.post("prices/pen-face", {"price": "450", "effective_on": "2027-01-04", **KEY} | wrong)

    assert answer.status_code == 422
    assert told in words(answer.text)


async def test_a_treatment_without_a_price_is_pointed_out_until_it_has_one(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    plan = {"checkin": 0, "procedure": 30, "aftercare": 0, "cleaning": 0, "uses_device": False}
    await chain.do("booking", "/treatments", {"code": "led", "name": "LED light", "modality": "none", "plan": plan})
    await chain.house.settle()
    before = await manager.read("prices")

    set_free = await manager.post("prices/led", {"price": "0", "effective_on": "2026-11-01", **KEY})

    assert "1 treatment has no price here" in before
    assert set_free.status_code == 303
    after = await manager.read("prices")
    assert "no price" not in after.casefold()
    assert "LED light 30 min Free" in after


async def test_what_is_not_on_offer_has_no_price(sign_in: SignIn) -> None:
    finance = await sign_in(Role.FINANCE)

    assert (await finance.get("prices/tattoo")).status_code == 404
    assert "No treatment fits" in await finance.read("prices", q="tattoo")
