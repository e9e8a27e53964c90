"""The drawer of a visit and what the grid is told while a card is moved."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support.everyone import Chain, Json, a_patient, an_appointment
from tests.support.front import words

DAY = "2026-12-08"


async def test_the_grid_is_told_where_a_visit_could_begin(chain: Chain, sign_in: SignIn) -> None:
    visit, other = await booked(chain, f"{DAY}T10:00:00"), await booked(chain, f"{DAY}T12:00:00")
    desk = await sign_in(Role.FRONT_DESK)

    free = (await desk.get(f"visits/{visit['id']}/openings", on=DAY)).json()

    assert set(free) == {str(each) for each in chain.clinic.practitioners}
    own = free[visit["practitioner_id"]]
    assert f"{DAY}T10:00:00" in own  # what it takes up now is free for itself
    assert f"{DAY}T10:15:00" in own
    assert (f"{DAY}T12:00:00" in free[other["practitioner_id"]]) is False


async def test_before_check_in_the_drawer_says_that_a_visit_is_not_today(chain: Chain, sign_in: SignIn) -> None:
    ahead = await booked(chain, "2027-01-12T10:00:00")
    started = await being_treated(chain)
    today = await booked(chain, f"{started['local_start'][:10]}T15:00:00")
    desk = await sign_in(Role.FRONT_DESK)

    drawers = [
        words((await desk.http.get(f"/l/soho/visits/{visit['id']}", headers={"hx-request": "true"})).text)
        for visit in (ahead, today, started)
    ]

    assert "This visit is on Tue, Jan 12, 2027, not today." in drawers[0]
    assert not any("not today" in drawer for drawer in drawers[1:])


async def test_a_treatment_that_has_begun_is_broken_off_for_medical_reasons_only(chain: Chain, sign_in: SignIn) -> None:
    started = await being_treated(chain)
    desk = await sign_in(Role.FRONT_DESK)
    here = f"/l/soho/visits/{started['id']}"

    drawer = (await desk.http.get(here, headers={"hx-request": "true"})).text
    form = {"version": started["version"], "key": "k" * 20, "by": "medical"}
    answer = await desk.post(f"visits/{started['id']}/cancel", form)

    assert "Break off the treatment" in drawer
    assert "Who calls it off?" not in drawer
    assert answer.status_code == 200, answer.text


async def test_a_cream_that_is_on_for_over_an_hour_is_said_to_be_off_before_the_treatment(
    chain: Chain, sign_in: SignIn
) -> None:
    visit = await checked_in(chain)
    await chain.do("booking", f"/appointments/{visit['id']}/numb", {})
    drawers = [await drawer_in(minutes, visit, chain=chain, sign_in=sign_in) for minutes in (60, 1)]
    nurse = await sign_in(Role.PRACTITIONER)

    start = {"version": str(visit["version"] + 1), "key": "s" * 20, "cream_off": "true"}
    answer = await nurse.post(f"visits/{visit['id']}/steps/start", start)

    assert ["cream_off" in each for each in drawers] == [False, True]
    assert "Numbing for over an hour" in words(drawers[1])
    assert answer.status_code == 200
    assert "In treatment" in words(answer.text)


async def test_the_form_offers_a_quarter_of_an_hour_later_too(chain: Chain, sign_in: SignIn) -> None:
    visit = await booked(chain, "2026-12-09T10:00:00")
    desk = await sign_in(Role.FRONT_DESK)
    asked = {"treatment": "pen-face", "day": "2026-12-09", "practitioner_id": visit["practitioner_id"], "id": "move"}

    without = await desk.read("book/times", **asked)
    moving = await desk.read("book/times", **asked, moving=visit["id"])

    assert "10:15 am" not in without
    assert "10:15 am" in moving


async def test_nobody_else_is_told_of_a_visit_elsewhere(chain: Chain, sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    keeper = await sign_in(Role.STOCK_KEEPER)
    visit = await booked(chain, "2026-12-10T10:00:00")

    unknown = await desk.get("visits/0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10/openings", on=DAY)
    refused = await keeper.get(f"visits/{visit['id']}/openings", on=DAY)

    assert (unknown.status_code, refused.status_code) == (404, 403)


@pytest.mark.parametrize("passes", ["", "0", "21", "many"])
async def test_passes_that_can_not_be_are_told_at_their_row(chain: Chain, sign_in: SignIn, passes: str) -> None:
    visit = await being_treated(chain)
    nurse = await sign_in(Role.PRACTITIONER)
    record = {"version": str(visit["version"]), "key": "k" * 20, "area": "cheek", "depth": "75", "reason": ""}

    answer = await nurse.post(f"visits/{visit['id']}/record", {**record, "passes": passes, "aftercare": "on"})

    assert answer.status_code == 422
    assert "Enter a whole number from 1 to 20." in words(answer.text)


async def test_the_record_says_how_deep_the_device_goes_before_it_is_signed(chain: Chain, sign_in: SignIn) -> None:
    shallow = {"location_id": str(chain.clinic.id), "modality": "pen", "serviced_until": "2027-12-31"}
    device = await chain.do(
        "booking", "/devices", {**shallow, "name": "Aaa pen", "serial": "AAA-1", "depth_max_hundredths_mm": 150}
    )
    visit = await being_treated(chain)
    nurse = await sign_in(Role.PRACTITIONER)
    chosen = {"version": str(visit["version"]), "key": "k" * 20, "device_id": device["id"], "reason": ""}

    form = (await nurse.http.get(f"/l/soho/visits/{visit['id']}/record", headers={"hx-request": "true"})).text
    again = await nurse.post(f"visits/{visit['id']}/record", {**chosen, "area": "cheek", "depth": "75", "passes": "2"})

    assert f'<option value="{device["id"]}" data-most="150"' in form
    assert "Up to 1.50 mm with this device." in words(again.text)
    assert '<option value="175" disabled>' in again.text
    assert '<option value="150" disabled>' not in again.text


async def test_nothing_is_due_at_checkout_for_a_visit_that_was_called_off(chain: Chain, sign_in: SignIn) -> None:
    visit = await booked(chain, "2026-12-11T10:00:00")
    desk = await sign_in(Role.FRONT_DESK)
    before = words((await desk.http.get(f"/l/soho/visits/{visit['id']}", headers={"hx-request": "true"})).text)

    answer = await desk.post(
        f"visits/{visit['id']}/cancel", {"version": visit["version"], "key": "c" * 20, "by": "patient"}
    )

    assert "at checkout" in before
    assert "at checkout" not in words(answer.text)
    assert "Nothing is due for it" in words(answer.text)


async def booked(chain: Chain, start: str) -> Json:
    patient = await chain.do("booking", "/patients", a_patient(chain, "visits"))
    wanted = an_appointment(chain, patient["id"], "pen", 0)
    made: Json = await chain.do("booking", "/appointments", {**wanted, "local_start": start})
    return made


async def drawer_in(minutes: int, visit: Json, *, chain: Chain, sign_in: SignIn) -> str:
    """The drawer as it is that much later."""
    chain.house.clock.advance(timedelta(minutes=minutes))
    nurse = await sign_in(Role.PRACTITIONER)
    return (await nurse.http.get(f"/l/soho/visits/{visit['id']}", headers={"hx-request": "true"})).text


async def being_treated(chain: Chain) -> Json:
    """A visit of the next morning, when it has come and the treatment has begun."""
    visit = await checked_in(chain)
    begun: Json = await chain.do("booking", f"/appointments/{visit['id']}/start", {})
    return begun


async def checked_in(chain: Chain) -> Json:
    """A visit of the next morning, when it has come and the patient is there."""
    day = (chain.house.clock.now() + timedelta(days=1)).date()
    chain.house.clock.set(datetime(day.year, day.month, day.day, 15, tzinfo=UTC))
    visit = await booked(chain, f"{day}T10:00:00")
    arrived: Json = await chain.do("booking", f"/appointments/{visit['id']}/check-in", {})
    return arrived
