"""A location is kept up by its manager: hours, rooms, devices, and those who treat with shifts and absences."""

import html
import json
import re
from uuid import uuid4

import pytest

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support.everyone import Chain, Json
from tests.support.front import Guest, words

WEEK = {f"{day}-{end}": "" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun") for end in ("from", "to")}


def key() -> dict[str, str]:
    return {"key": str(uuid4())}


async def here(chain: Chain) -> Json:
    found: Json = await chain.get("booking", f"/locations/{chain.clinic.id}/resources")
    return found


async def somebody_new(guest: Guest, chain: Chain) -> str:
    """The page of a practitioner who has just been added."""
    form = {
        "name": "Noor Vasquez",
        "credential": "NP",
        f"at-{chain.clinic.id}": "yes",
        "may-pen": "yes",
        "valid_until": "2027-12-31",
    }
    answer = await guest.post("practitioners/new", {**form, **key()})
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["location"]).partition("?")[0]


async def test_the_hours_of_the_week_are_kept_as_entered(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    before = await hours(chain)
    week = as_entered(before)

    done = await manager.post("location/hours", {**week, "sun-from": "11:00", "sun-to": "15:30", **key()})
    half = await manager.post("location/hours", {**week, "sun-from": "11:00", "sun-to": "", **key()})
    crossed = await manager.post("location/hours", {**week, "mon-from": "18:00", "mon-to": "09:00", **key()})

    assert (done.status_code, half.status_code, crossed.status_code) == (303, 422, 422)
    assert "Enter both times on full five minutes" in words(half.text)
    assert "The first time has to be before the second." in words(crossed.text)
    assert await hours(chain) == {**before, "sun": ["11:00", "15:30"]}
    await chain.do("booking", f"/locations/{chain.clinic.id}/opening", {"opening": before}, method="PUT")


async def test_who_is_second_to_change_the_hours_is_told_what_the_first_did(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    before = await hours(chain)
    longer = {**as_entered(before), "sun-from": "11:00", "sun-to": "15:30", **key()}
    first = {**before, "sat": ["08:00", "09:00"]}
    await chain.do("booking", f"/locations/{chain.clinic.id}/opening", {"opening": first}, method="PUT")

    told = await manager.post("location/hours", longer)
    unchanged = await hours(chain)
    again = await manager.post("location/hours", {**longer, "looked-at": looked_at(told.text)})
    lost = await manager.post("location/hours", {**longer, "looked-at": "", **key()})

    assert told.status_code == 422
    assert "Now there is: Saturday 8:00 am to 9:00 am; Sunday 8:00 am to 8:00 pm. Save yours to replace that." in words(
        told.text
    )
    assert unchanged == first
    assert again.status_code == 303
    assert await hours(chain) == {**before, "sun": ["11:00", "15:30"]}
    assert (lost.status_code, "Load this page again" in words(lost.text)) == (422, True)
    await chain.do("booking", f"/locations/{chain.clinic.id}/opening", {"opening": before}, method="PUT")


async def hours(chain: Chain) -> Json:
    [found] = [each for each in await chain.get("booking", "/locations") if each["code"] == "soho"]
    opening: Json = found["opening"]
    return opening


def as_entered(opening: Json) -> dict[str, str]:
    """The form as it is shown for these hours."""
    ends = {f"{day}-{end}": at for day, span in opening.items() for end, at in zip(("from", "to"), span, strict=True)}
    return {**WEEK, **ends, "looked-at": json.dumps(opening)}


def looked_at(page: str) -> str:
    found = re.search(r'name="looked-at" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


async def test_a_day_that_differs_is_planned(sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)

    closed = await manager.post("location/days", {"day": "2027-12-24", **key()})
    short = await manager.post(
        "location/days", {"day": "2027-12-31", "other-from": "09:00", "other-to": "13:00", **key()}
    )
    undated = await manager.post("location/days", {"day": "", **key()})
    page = await manager.read("location")
    back = [await manager.post("location/days/2027-12-24/withdraw", key()) for _ in range(2)]

    assert (closed.status_code, short.status_code, undated.status_code) == (303, 303, 422)
    assert [answer.status_code for answer in back] == [303, 303]
    assert "Dec 24, 2027" not in await manager.read("location")
    assert "Fri, Dec 24, 2027 Closed" in page
    assert "Fri, Dec 31, 2027 9:00 am to 1:00 pm" in page


async def test_rooms_and_devices_are_added(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    device = {"name": "Pen 9", "serial": uuid4().hex, "modality": "pen", "serviced_until": "2027-06-30"}

    room = await manager.post("location/rooms", {"name": "Room 9", "kind": "treatment", **key()})
    added = await manager.post("location/devices", {**device, **key()})
    twice = await manager.post("location/devices", {**device, **key()})
    nameless = await manager.post("location/rooms", {"name": "", "kind": "treatment", **key()})

    assert [each.status_code for each in (room, added, twice, nameless)] == [303, 303, 422, 422]
    assert "A device with this serial number is registered already." in words(twice.text)
    assert "Room 9" in await manager.read("location/rooms")
    assert device["serial"] in await manager.read("location/devices")


async def test_a_device_whose_service_ran_out_is_pointed_out_until_it_is_serviced(
    chain: Chain, sign_in: SignIn
) -> None:
    manager = await sign_in(Role.MANAGER)
    old = {"name": "Pen 8", "serial": uuid4().hex, "modality": "pen", "serviced_until": "2026-01-31"}
    await manager.post("location/devices", {**old, **key()})
    [device] = [each for each in (await here(chain))["devices"] if each["serial"] == old["serial"]]
    before = await manager.read("location/devices")

    done = await manager.post(
        f"location/devices/{device['id']}/service", {f"until-{device['id']}": "2028-01-31", **key()}
    )

    assert "Its service ran out Jan 31, 2026: it is not booked." in before
    assert done.status_code == 303
    assert "ran out" not in await manager.read("location/devices")


async def test_a_practitioner_is_added_and_can_be_booked_once_there_is_a_shift(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    page = await somebody_new(manager, chain)
    before = await manager.read("practitioners", q="Vasquez")

    done = await manager.post(
        f"{page}/shifts",
        {"weekday": "1", "shift-from": "10:00", "shift-to": "16:00", "day": "", "from_on": "", **key()},
    )

    assert "No weekly shift" in before
    assert done.status_code == 303, words(done.text)
    assert "Every Tuesday 10:00 am to 4:00 pm" in await manager.read(page)
    rows = await manager.rows("practitioners.csv", q="Vasquez")
    assert ["Noor Vasquez", "NP", "NV", "Tue"] in [row[:4] for row in rows]


async def test_a_shift_on_one_day_and_the_end_of_a_weekly_one(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    page = await somebody_new(manager, chain)
    hours = {"shift-from": "10:00", "shift-to": "16:00"}
    await manager.post(f"{page}/shifts", {"weekday": "2", **hours, **key()})

    twice = await manager.post(f"{page}/shifts", {"weekday": "2", **hours, **key()})
    once = await manager.post(f"{page}/shifts", {"weekday": "day", "day": "2027-02-14", **hours, **key()})
    when = await manager.post(f"{page}/shifts", {"weekday": "day", "day": "", **hours, **key()})
    shift = re.search(r"shifts/([0-9a-f-]{36})/end", (await manager.get(page)).text)
    assert shift
    ended = await manager.post(f"{page}/shifts/{shift[1]}/end", {f"end-{shift[1]}": "2027-03-31", **key()})

    assert (once.status_code, when.status_code, ended.status_code) == (303, 422, 303)
    assert (twice.status_code, "They work here at this time already." in words(twice.text)) == (422, True)
    shown = await manager.read(page)
    assert "Sun, Feb 14, 2027 10:00 am to 4:00 pm" in shown
    assert "until Mar 31, 2027" in shown


async def test_an_absence_is_planned_and_taken_back(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    page = await somebody_new(manager, chain)

    planned = await manager.post(f"{page}/absences", {"away_on": "2027-03-01", **key()})
    absence = re.search(r"absences/([0-9a-f-]{36})/withdraw", (await manager.get(page)).text)
    assert absence
    back = await manager.post(f"{page}/absences/{absence[1]}/withdraw", key())

    assert (planned.status_code, back.status_code) == (303, 303)
    assert "None is planned." in await manager.read(page)


async def test_an_absence_while_visits_are_booked_says_what_to_do(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    patient = await chain.do("booking", "/patients", {**PATIENT, "home_location_id": str(chain.clinic.id)})
    wish = {"patient_id": patient["id"], "location_id": str(chain.clinic.id), "treatment": "consultation"}
    visit = await chain.do("booking", "/appointments", {**wish, "local_start": "2026-12-15T10:00:00"})

    refused = await manager.post(
        f"practitioners/{visit['practitioner_id']}/absences", {"away_on": "2026-12-15", **key()}
    )

    assert refused.status_code == 422
    assert "1 visit of theirs is booked then. Move or cancel" in words(refused.text)
    assert "/l/soho/day/2026-12-15" in refused.text


PATIENT = {"given_name": "Inthe", "family_name": "Way", "birth_date": "1970-01-02"}


@pytest.mark.parametrize(
    ("path", "form", "told"),
    [
        ("practitioners/new", {"name": "A", "credential": ""}, "Choose where they work."),
        ("practitioners/new", {"name": "", "credential": "RN"}, "Enter their name."),
        ("location/devices", {"name": "Pen", "serial": ""}, "Enter the serial number"),
    ],
)
async def test_what_is_missing_is_told_at_its_field(
    sign_in: SignIn, path: str, form: dict[str, str], told: str
) -> None:
    manager = await sign_in(Role.MANAGER)

    answer = await manager.post(path, {**form, **key()})

    assert answer.status_code == 422
    assert told in words(answer.text)


async def test_a_credential_is_prolonged(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    page = await somebody_new(manager, chain)

    done = await manager.post(f"{page}/credentials", {"modality": "pen", "valid_until": "2029-05-31", **key()})

    assert done.status_code == 303
    assert "until May 31, 2029" in await manager.read(page)


@pytest.mark.parametrize("weekday", ["", "²", "9" * 5000])
async def test_a_shift_is_never_guessed_to_be_on_monday(chain: Chain, sign_in: SignIn, weekday: str) -> None:
    manager = await sign_in(Role.MANAGER)
    page = await somebody_new(manager, chain)

    answer = await manager.post(
        f"{page}/shifts", {"weekday": weekday, "shift-from": "10:00", "shift-to": "16:00", **key()}
    )

    assert answer.status_code == 422
    assert "Choose a weekday, or one day." in words(answer.text)
