"""What the front end makes of requests that no page of ours sends."""

from uuid import UUID

import pytest
from fastapi import FastAPI

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support.everyone import Chain, Json, a_patient, an_appointment
from tests.support.front import FROM_HERE, Guest, a_browser, words

NOBODY = UUID(int=7)

HOURS = (f"2026-12-01T{hour:02}:00:00" for hour in range(8, 19))
AS_SCRIPT = {"hx-request": "true"}
NOT_FITTING = "This e-mail address and password do not fit together."


async def test_a_key_that_could_not_go_into_a_header_is_replaced(chain: Chain, sign_in: SignIn) -> None:
    visit = await a_booked_visit(chain)
    desk = await sign_in(Role.FRONT_DESK)
    step = f"visits/{visit['id']}/steps/confirm"

    answer = await desk.post(step, {"version": str(visit["version"]), "key": "naïve\r\nkey"})

    assert answer.status_code == 200
    assert "Confirmed" in words(answer.text)


async def test_a_drag_with_a_key_that_is_too_short_moves_all_the_same(chain: Chain, sign_in: SignIn) -> None:
    visit = await a_booked_visit(chain)
    desk = await sign_in(Role.FRONT_DESK)
    to = {"local_start": "2026-12-02T15:00:00", "version": visit["version"]}

    answer = await desk.http.post(
        f"/l/soho/visits/{visit['id']}/move",
        json=to,
        headers={**desk.own_headers, "idempotency-key": "k"},
    )

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", ["/sign-in", "/l/soho/patients", "/l/soho/nowhere"])
async def test_head_is_answered_like_get_without_the_body(sign_in: SignIn, path: str) -> None:
    desk = await sign_in(Role.FRONT_DESK)

    seen, asked = await desk.http.get(path), await desk.http.head(path)

    assert (asked.status_code, asked.headers["content-type"]) == (seen.status_code, seen.headers["content-type"])
    assert asked.content == b""


@pytest.mark.parametrize(
    "form",
    [
        {"email": f"{'a' * 400}@example.com", "password": "secret"},
        {"email": "somebody@example.com", "password": "p" * 2000},
        {"email": "somebody@example.com", "password": "secret", "next": "/" + "n" * 3000},
    ],
)
async def test_signing_in_with_far_too_much_is_refused_on_the_sign_in_page(site: FastAPI, form: dict[str, str]) -> None:
    async with a_browser(site) as browser:
        answer = await browser.post("/sign-in", data=form, headers=FROM_HERE)

    assert answer.status_code == 422
    assert NOT_FITTING in words(answer.text)


async def test_a_form_that_can_not_be_read_is_told_as_that(chain: Chain, sign_in: SignIn) -> None:
    visit = await a_booked_visit(chain)
    desk = await sign_in(Role.FRONT_DESK)

    answer = await desk.post(f"visits/{visit['id']}/cancel", {"version": "many", "key": "k" * 20, "by": "patient"})

    assert answer.status_code == 422
    assert "Nothing was changed" in words(answer.text)


async def test_moving_a_visit_to_no_time_at_all_says_what_to_do(chain: Chain, sign_in: SignIn) -> None:
    visit = await a_booked_visit(chain)
    desk = await sign_in(Role.FRONT_DESK)

    answer = await desk.post(
        f"visits/{visit['id']}/reschedule", {"version": str(visit["version"]), "key": "k" * 20}, hx_request="true"
    )

    assert answer.status_code == 422
    assert answer.json()["title"] == "Choose a time that is free."
    assert answer.headers["hx-reswap"] == "none"
    assert "Choose a time" in answer.headers["hx-trigger"]


@pytest.mark.parametrize("broken", [{"day": ""}, {"at": "soon"}, {"patient_id": "nobody"}, {"day": "the 5th"}])
async def test_a_booking_with_a_field_left_empty_or_broken_comes_back_with_what_is_missing(
    sign_in: SignIn, broken: dict[str, str]
) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    form = {"day": "2026-12-03", "at": "2026-12-03T10:00:00", "patient_id": "", "treatment": "consultation"}

    answer = await desk.post("book", {**form, "key": "k" * 20, "wanted": "2026-12-03T10:00:00"} | broken)

    assert answer.status_code == 422
    assert "Choose a" in words(answer.text)


@pytest.mark.parametrize(
    ("form", "page"),
    [
        (f"/l/soho/invoices/{NOBODY}/payments", f"/l/soho/invoices/{NOBODY}"),
        (f"/l/soho/stock/items/{NOBODY}/reorder-point", f"/l/soho/stock/items/{NOBODY}"),
        ("/l/soho/parked/billing/replay", "/l/soho/parked"),
        (f"/l/soho/visits/{NOBODY}/steps/confirm", f"/l/soho/visits/{NOBODY}"),
        ("/sign-out", "/"),
    ],
)
async def test_the_address_of_a_form_that_is_loaded_again_leads_to_its_page(
    sign_in: SignIn, form: str, page: str
) -> None:
    """A refused form is shown at the address it was sent to; loading that again is no mistake of the person's."""
    owner = await sign_in(Role.OWNER)

    again = await owner.http.get(form, follow_redirects=False)
    by_script = await owner.http.get(form, headers={"hx-request": "true"}, follow_redirects=False)

    assert (again.status_code, again.headers["location"]) == (303, page)
    assert by_script.status_code == 405


async def test_no_day_has_no_times(sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)

    assert "Choose a day first." in await desk.read("book/times", treatment="consultation", day="")


async def test_the_search_finds_what_a_role_may_see(chain: Chain, sign_in: SignIn) -> None:
    desk, keeper = await sign_in(Role.FRONT_DESK), await sign_in(Role.STOCK_KEEPER)

    assert "Redeemed Holt" in await found_by(desk, "redeemed")
    assert "Cartridge" in await found_by(keeper, "cartr")
    assert "serum-6" in await found_by(keeper, "SERUM-6")
    assert "Nothing matches" in await found_by(keeper, "redeemed")


async def test_who_has_nothing_to_look_up_has_no_search(sign_in: SignIn) -> None:
    operator = await sign_in(Role.OPERATOR)

    page = (await operator.get("parked")).text

    assert 'id="q"' not in page
    assert "Search" not in words(page)


async def test_a_search_without_scripts_leads_to_the_list(sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)

    answer = await desk.get("/search", q="redeemed")

    assert (answer.status_code, answer.headers["location"]) == (303, "/l/soho/patients?q=redeemed")


async def found_by(guest: Guest, q: str) -> str:
    """What the list under the search field says."""
    answer = await guest.http.get("/search", params={"q": q}, headers=AS_SCRIPT)
    assert answer.status_code == 200, answer.text
    return words(answer.text)


async def a_booked_visit(chain: Chain) -> Json:
    """A consultation, each an hour after the one before."""
    patient = await chain.do("booking", "/patients", a_patient(chain, "doors"))
    wanted = an_appointment(chain, patient["id"], "consultation", 0)
    booked: Json = await chain.do("booking", "/appointments", {**wanted, "local_start": next(HOURS)})
    return booked


@pytest.mark.parametrize(
    ("role", "start"),
    [
        (Role.FRONT_DESK, "day"),
        (Role.PRACTITIONER, "day"),
        (Role.FINANCE, "invoices"),
        (Role.STOCK_KEEPER, "stock"),
        (Role.OPERATOR, "breaks"),
    ],
)
async def test_everybody_starts_at_their_own_job(sign_in: SignIn, role: Role, start: str) -> None:
    guest = await sign_in(role)

    assert (await guest.get("/")).headers["location"] == f"/l/soho/{start}"


async def test_who_keeps_the_books_is_shown_no_empty_columns_of_what_is_not_for_them(sign_in: SignIn) -> None:
    finance, desk = await sign_in(Role.FINANCE), await sign_in(Role.FRONT_DESK)

    assert "E-mail" not in await finance.read("patients")
    assert "E-mail" in await desk.read("patients")
