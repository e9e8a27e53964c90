"""Opening a clinic and putting rooms, devices, people and treatments into it over HTTP; each change is told once."""

import asyncio
from typing import Any

import httpx
import pytest

from chassis.clock import new_id
from services.booking.places import usecases as places
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING
from tests.support.house import House
from tests.support.tokens import a_member_of_staff

LOCATION = {
    "code": "soho",
    "name": "Needlepoint SoHo",
    "city": "New York",
    "zone": "America/New_York",
    "legal_entity_id": str(new_id()),
    "legal_entity_name": "Needlepoint New York PLLC",
    "phone": "+12125550142",
    "opening": {"mon": ["09:00", "18:00"]},
}
TREATMENT = {"code": "pen-face", "name": "Pen, face", "modality": "pen", "plan": {"procedure": 30, "numbing": 30}}


def owner(house: House) -> httpx.AsyncClient:
    return house.client("booking", a_member_of_staff("owner"))


async def test_a_whole_clinic_is_set_up_over_http(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    client = owner(house)

    location = (await client.post("/locations", json=LOCATION)).json()
    here = {"location_id": location["id"]}
    room = await client.post("/rooms", json={**here, "name": "Room 1"})
    device = {**here, "name": "Pen", "serial": "S-1", "modality": "pen", "serviced_until": "2027-12-31"}
    answers = [room, await client.post("/devices", json=device), await client.post("/treatments", json=TREATMENT)]
    person = {
        "name": "Maya Ortiz",
        "credential": "RN",
        "location_ids": [location["id"]],
        "credentials": [{"modality": "pen", "valid_until": "2027-12-31"}],
    }
    maya = (await client.post("/practitioners", json=person)).json()
    shift = {**here, "weekday": 0, "starts": "09:00", "ends": "17:00"}
    answers.append(await client.post(f"/practitioners/{maya['id']}/shifts", json=shift))
    resources = (await client.get(f"/locations/{location['id']}/resources")).json()
    await house.settle()

    assert [answer.status_code for answer in answers] == [201] * 4, [answer.text for answer in answers]
    [practitioner] = resources["practitioners"]
    assert (practitioner["initials"], practitioner["shifts"][0]["starts"]) == ("MO", "09:00")
    assert [each["name"] for each in resources["rooms"] + resources["devices"]] == ["Room 1", "Pen"]
    assert [message.envelope.type for message in house.published] == [
        "booking.location-changed",
        "booking.treatment-changed",
        "booking.practitioner-changed",
    ]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/locations", {**LOCATION, "zone": "Mars/Olympus"}, "unknown_zone"),
        ("/locations", {**LOCATION, "opening": {"mon": ["18:00", "09:00"]}}, "hours_not_valid"),
        ("/locations", {**LOCATION, "opening": {"someday": ["09:00", "18:00"]}}, "hours_not_valid"),
        ("/locations", {**LOCATION, "exceptions": {"2026-02-30": None}}, "hours_not_valid"),
        ("/treatments", {**TREATMENT, "plan": {"procedure": 10}}, "minutes_not_allowed"),
        ("/treatments", {**TREATMENT, "plan": {"procedure": 30, "numbing": 10}}, "minutes_not_allowed"),
        ("/rooms", {"location_id": str(new_id()), "name": "Nowhere"}, "not_found"),
    ],
)
async def test_what_cannot_be_is_refused(move_in: MoveIn, path: str, body: dict[str, Any], code: str) -> None:
    house = await move_in(BOOKING)

    answer = await owner(house).post(path, json=body)

    assert answer.json()["code"] == code
    assert answer.status_code in {404, 422}


@pytest.mark.parametrize(("path", "body"), [("/locations", LOCATION), ("/treatments", TREATMENT)])
async def test_a_code_is_given_once(move_in: MoveIn, path: str, body: dict[str, Any]) -> None:
    house = await move_in(BOOKING)

    first, second = [await owner(house).post(path, json=body) for _ in range(2)]

    assert (first.status_code, second.status_code, second.json()["code"]) == (201, 409, "code_taken")


async def test_a_legal_entity_is_called_the_same_at_all_its_locations(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    await owner(house).post("/locations", json=LOCATION)

    elsewhere = {**LOCATION, "code": "tribeca", "legal_entity_name": "Needlepoint NY"}
    differs = await owner(house).post("/locations", json=elsewhere)
    agrees = await owner(house).post("/locations", json={**elsewhere, "legal_entity_name": "Needlepoint New York PLLC"})

    assert (differs.status_code, differs.json()["code"]) == (409, "legal_entity_name_differs")
    assert differs.json()["legal_entity_name"] == "Needlepoint New York PLLC"
    assert agrees.status_code == 201


async def test_two_locations_that_open_at_once_do_not_give_a_legal_entity_two_names(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    bodies = [{**LOCATION, "code": f"soho-{n}", "legal_entity_name": f"Entity {n}"} for n in range(4)]

    answers = await asyncio.gather(*(owner(house).post("/locations", json=body) for body in bodies))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekday": 1, "day": "2026-11-24"},
        {"starts": "17:00", "ends": "09:00"},
        {"weekday": 1, "from_on": "2026-12-01", "until_on": "2026-11-01"},
        {},
    ],
)
async def test_a_shift_is_on_a_weekday_or_on_a_day_and_ends_after_it_begins(
    move_in: MoveIn, wrong: dict[str, Any]
) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house)
    shift = {"location_id": str(clinic.id), "starts": "09:00", "ends": "17:00", **wrong}

    answer = await owner(house).post(f"/practitioners/{clinic.practitioners[0]}/shifts", json=shift)

    assert (answer.status_code, answer.json()["code"]) == (422, "shift_not_valid")


async def test_a_device_tells_how_deep_its_record_may_say(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house, rooms=0)
    new = {"location_id": str(clinic.id), "serviced_until": "2027-12-31"}
    for name, modality, most in (("A", "pen", None), ("B", "pen", 150), ("C", "rf", 350), ("D", "rf", None)):
        device = {**new, "name": name, "serial": name, "modality": modality, "depth_max_hundredths_mm": most}
        await owner(house).post("/devices", json=device)

    resources = (await owner(house).get(f"/locations/{clinic.id}/resources")).json()

    bounds = [(each["depth_min_hundredths_mm"], each["depth_max_hundredths_mm"]) for each in resources["devices"]]
    assert bounds == [(10, 250), (10, 150), (10, 350), (10, 1000)]


async def test_a_manager_sees_and_changes_only_the_own_location(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house)
    async with booking.database(house).transaction() as tx:
        boston = await booking.a_clinic(tx, code="boston")
    manager = house.client("booking", a_member_of_staff("manager", at=clinic.id))

    listed = (await manager.get("/locations")).json()
    foreign = [
        await manager.post("/rooms", json={"location_id": str(boston.id), "name": "Room 9"}),
        await manager.get(f"/locations/{boston.id}/resources"),
        await manager.put(f"/locations/{boston.id}/exceptions/2026-12-25", json={"hours": None}),
    ]
    own = await manager.put(f"/locations/{clinic.id}/exceptions/2026-12-25", json={"hours": None})
    opened = await manager.post("/locations", json={**LOCATION, "code": "third"})

    assert [each["id"] for each in listed] == [str(clinic.id)]
    assert [answer.status_code for answer in foreign] == [404] * 3
    assert own.json()["exceptions"] == {"2026-12-25": None}
    assert opened.status_code == 403


async def test_days_that_are_long_over_make_room_and_there_are_never_more_than_anybody_plans(
    move_in: MoveIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "EXCEPTIONS_MAX", 2)
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house)
    days = f"/locations/{clinic.id}/exceptions"

    wanted = ("2019-12-24", "2019-12-25", "2099-12-24", "2099-12-25")
    [*_, kept] = [await owner(house).put(f"{days}/{day}", json={"hours": None}) for day in wanted]
    again = await owner(house).put(f"{days}/2099-12-25", json={"hours": ["10:00", "12:00"]})
    refused = await owner(house).put(f"{days}/2099-12-26", json={"hours": None})

    assert list(kept.json()["exceptions"]) == ["2099-12-24", "2099-12-25"]
    assert again.json()["exceptions"]["2099-12-25"] == ["10:00", "12:00"]
    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_days")


async def test_a_treatment_says_how_long_the_patient_stays_and_what_it_is_made_of(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    await owner(house).post("/treatments", json=TREATMENT)

    [treatment] = (await owner(house).get("/treatments")).json()

    assert treatment["duration_minutes"] == 75
    assert [(each["kind"], each["minutes"]) for each in treatment["segments"]] == [
        ("checkin", 5),
        ("numbing", 30),
        ("procedure", 30),
        ("aftercare", 10),
        ("cleaning", 15),
    ]


async def test_who_owns_one_location_opens_no_other(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    of_one = house.client("booking", a_member_of_staff("owner", at=new_id()))

    opened = await of_one.post("/locations", json=LOCATION)

    assert (opened.status_code, opened.json()["code"]) == (403, "forbidden")
    assert (await owner(house).get("/locations")).json() == []


async def test_a_treatment_is_changed_for_the_version_that_was_looked_at(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    first = (await owner(house).post("/treatments", json=TREATMENT)).json()
    path, offer = (
        f"/treatments/{first['id']}",
        {"name": "Pen, whole face", "colour": "#112233", "plan": TREATMENT["plan"]},
    )

    changed = await owner(house).put(path, json={**offer, "version": 1})
    same = await owner(house).put(path, json={**offer, "version": 2})
    late = await owner(house).put(path, json={**offer, "name": "Face", "version": 1})
    wrong = await owner(house).put(path, json={**offer, "version": 2, "plan": {"procedure": 5}})
    unknown = await owner(house).put(f"/treatments/{new_id()}", json={**offer, "version": 1})
    await house.settle()

    assert (changed.json()["name"], changed.json()["version"], same.json()["version"]) == ("Pen, whole face", 2, 2)
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "offer_changed", 2)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "minutes_not_allowed")
    assert unknown.status_code == 404
    assert [message.envelope.type for message in house.published] == ["booking.treatment-changed"] * 2


async def test_a_treatment_off_the_offer_is_booked_no_more_but_its_visits_move(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, patient = await booking.open_for_business(house)
    desk = booking.desk(house, clinic)
    visit = (await booking.book(desk, clinic, patient, booking.at("10:00"))).json()
    [pen] = [each for each in (await desk.get("/treatments")).json() if each["code"] == booking.PEN]
    minutes = {each["kind"]: each["minutes"] for each in pen["segments"]}
    off = {"version": pen["version"], "name": pen["name"], "colour": pen["colour"], "plan": minutes, "active": False}

    withdrawn = await owner(house).put(f"/treatments/{pen['id']}", json=off)
    refused = await booking.book(desk, clinic, patient, booking.at("15:00"))
    moved = await desk.post(
        f"/appointments/{visit['id']}/move", json={"version": 1, "local_start": booking.at("12:00").isoformat()}
    )
    day = {"from": booking.at("12:00").date().isoformat(), "to": booking.at("12:00").date().isoformat()}
    query = {"location_id": str(clinic.id), "treatment": booking.PEN, **day}
    free = await desk.get("/slots", params={**query, "moving": visit["id"]})

    assert withdrawn.json()["active"] is False
    assert (refused.status_code, refused.json()["kind"]) == (404, "treatment")
    assert (moved.status_code, moved.json()["local_start"][11:16]) == (200, "12:00")
    assert (free.status_code, bool(free.json())) == (200, True)
    assert booking.PEN not in {each["code"] for each in (await desk.get("/treatments")).json()}
    assert booking.PEN in {each["code"] for each in (await desk.get("/treatments", params={"withdrawn": True})).json()}
