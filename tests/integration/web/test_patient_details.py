"""Patients are corrected by the desk, and nobody becomes two patients unawares."""

import re
from uuid import uuid4

import pytest

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support.everyone import Chain, Json
from tests.support.front import Guest, words

SEEN = re.compile(r'name="differs_from" value="([^"]+)"')


def a_form(chain: Chain, **changes: str) -> dict[str, str]:
    """Somebody whom nobody is like."""
    name = uuid4().hex
    return {
        "given_name": name[:12],
        "family_name": name[12:24],
        "birth_date": "1971-08-09",
        "email": f"{name}@example.com",
        "phone": "",
        "language": "en",
        "home": str(chain.clinic.id),
        "key": str(uuid4()),
        **changes,
    }


async def registered(guest: Guest, form: dict[str, str]) -> str:
    """The address of the new patient's page."""
    answer = await guest.post("patients/new", form)
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["location"]).partition("?")[0]


async def known(chain: Chain, page: str) -> Json:
    found: Json = await chain.get("booking", f"/patients/{page.rpartition('/')[2]}")
    return found


def filled_in(page: str) -> dict[str, str]:
    """The fields of the form as the page holds them."""
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    chosen = re.findall(r'<select[^>]*name="(\w+)".*?<option value="([^"]*)" selected', page, re.DOTALL)
    return {**fields, **dict(chosen), "accepts_email": "yes", "key": str(uuid4())}


async def test_details_are_corrected_where_they_are_shown(chain: Chain, sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    page = await registered(desk, a_form(chain))
    form = filled_in((await desk.get(f"{page}/edit")).text)

    done = await desk.post(f"{page}/edit", {**form, "phone": "(212) 555-0177", "family_name": "Corrected"})

    assert done.status_code == 303, words(done.text)
    shown = await desk.read(done.headers["location"])
    assert "The details are saved." in shown
    assert "Corrected" in shown
    assert "+1 212-555-0177" in shown
    kept = await known(chain, page)
    assert (kept["email"], kept["accepts_email"], kept["version"]) == (form["email"], True, 2)


async def test_who_wants_no_messages_gets_none(chain: Chain, sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    page = await registered(desk, a_form(chain))
    form = filled_in((await desk.get(f"{page}/edit")).text)
    del form["accepts_email"]

    await desk.post(f"{page}/edit", form)

    assert (await known(chain, page))["accepts_email"] is False


async def test_of_two_who_correct_at_once_the_second_looks_again(chain: Chain, sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    page = await registered(desk, a_form(chain))
    form = filled_in((await desk.get(f"{page}/edit")).text)
    await desk.post(f"{page}/edit", {**form, "given_name": "First"})

    late = await desk.post(f"{page}/edit", {**form, "given_name": "Second", "key": str(uuid4())})

    assert late.status_code == 422
    assert "Somebody else changed these details a moment ago." in words(late.text)
    assert "Load them as they are now" in words(late.text)
    assert (await known(chain, page))["given_name"] == "First"


async def test_what_is_wrong_is_told_at_its_field(chain: Chain, sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    page = await registered(desk, a_form(chain))
    form = filled_in((await desk.get(f"{page}/edit")).text)

    answer = await desk.post(f"{page}/edit", {**form, "given_name": "", "birth_date": "2090-01-01", "home": "moon"})

    assert answer.status_code == 422
    for told in ("Enter the first name.", "Enter a day in the past", "Choose the location they mostly come to."):
        assert told in words(answer.text)


async def test_only_the_desk_edits(chain: Chain, sign_in: SignIn) -> None:
    desk, nurse = await sign_in(Role.FRONT_DESK), await sign_in(Role.PRACTITIONER)
    page = await registered(desk, a_form(chain))

    assert "Edit" in await desk.read(page)
    assert "Edit" not in await nurse.read(page)
    assert (await nurse.get(f"{page}/edit")).status_code == 403


async def test_a_likely_duplicate_is_shown_before_there_is_one(chain: Chain, sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    first = a_form(chain)
    page = await registered(desk, first)
    again = {**first, "given_name": first["given_name"] + "a", "email": "", "key": str(uuid4())}

    asked = await desk.post("patients/new", again)

    assert asked.status_code == 422
    assert "Is it this patient?" in words(asked.text)
    assert "Born on the same day, with a name that is close" in words(asked.text)
    assert page in asked.text
    seen = SEEN.search(asked.text)
    assert seen
    other = await registered(desk, {**again, "differs_from": seen[1]})
    assert other != page


async def test_a_form_sent_twice_does_not_ask_whether_it_is_itself(chain: Chain, sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    form = a_form(chain)

    assert await registered(desk, form) == await registered(desk, form)


async def test_the_booking_form_asks_too(chain: Chain, sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    first = a_form(chain)
    page = await registered(desk, first)
    wish = {
        "day": "2026-12-08",
        "at": "2026-12-08T10:00:00",
        "wanted": "2026-12-08T10:00:00",
        "treatment": "consultation",
    }
    new = {name: first[name] for name in ("given_name", "family_name", "birth_date", "email")}

    asked = await desk.post("book", {**wish, **new, "phone": "", "key": "k" * 20})
    seen = SEEN.search(asked.text)
    assert seen
    booked = await desk.post("book", {**wish, **new, "phone": "", "key": "k" * 20, "differs_from": seen[1]})

    assert asked.status_code == 422
    assert "Is it this patient?" in words(asked.text)
    assert f"book/patients/{page.rpartition('/')[2]}" in asked.text
    assert booked.status_code == 204, words(booked.text)


@pytest.mark.parametrize("version", ["", "x", "9" * 5000])
async def test_a_form_without_the_version_that_was_seen_keeps_nothing(
    chain: Chain, sign_in: SignIn, version: str
) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    page = await registered(desk, a_form(chain))
    form = filled_in((await desk.get(f"{page}/edit")).text)

    answer = await desk.post(f"{page}/edit", {**form, "family_name": "Overwritten", "version": version})

    assert answer.status_code == 422
    assert "This form could not be read." in words(answer.text)
    assert (await known(chain, page))["family_name"] == form["family_name"]
