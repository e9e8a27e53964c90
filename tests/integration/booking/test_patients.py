"""Patients are found by any desk of the chain, by the beginnings of their names, e-mail or phone (CP-02, CP-14)."""

from typing import Any

import pytest

from chassis.clock import new_id
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING, Clinic
from tests.support.house import House
from tests.support.tokens import a_member_of_staff, a_service

PEOPLE = (
    ("Mary", "Holt", "mary@example.com", "+12125550142"),
    ("Anne-Marie", "O'Neil", "am@example.com", "+12125550199"),
    ("Zoë", "Müller", None, None),
    ("Omar", "Holtz", None, None),
)


async def with_people(house: House) -> Clinic:
    async with booking.database(house).transaction() as tx:
        clinic = await booking.a_clinic(tx)
        for given, family, email, phone in PEOPLE:
            await booking.a_patient(tx, clinic, given=given, family=family, email=email, phone=phone)
    return clinic


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("holt", ["Holt", "Holtz"]),
        ("HOL mar", ["Holt"]),
        ("mary", ["Holt"]),
        ("mari", ["O'Neil"]),
        ("olt", []),
        ("neil", ["O'Neil"]),
        ("muller zoe", ["Müller"]),
        ("555-0199", ["O'Neil"]),
        ("(212) 555", ["Holt", "O'Neil"]),
        ("am@exam", ["O'Neil"]),
        ("100%", []),
        ("_", []),
        ("", ["Holt", "Holtz", "Müller", "O'Neil"]),
    ],
)
async def test_patients_are_found_by_what_one_remembers(move_in: MoveIn, q: str, found: list[str]) -> None:
    house = await move_in(BOOKING)
    clinic = await with_people(house)

    answer = await booking.desk(house, clinic).get("/patients", params={"q": q})

    assert [patient["family_name"] for patient in answer.json()["items"]] == found


async def test_a_list_is_read_page_by_page_without_gap_or_repeat(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic = await with_people(house)
    await booking.patients(house, clinic, 7)
    desk = booking.desk(house, clinic)
    seen: list[str] = []
    cursor: str | None = None

    while page := (await desk.get("/patients", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json():
        seen += [patient["id"] for patient in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break

    assert len(seen) == len(set(seen)) == 11


async def test_a_list_is_read_from_z_too(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    desk = booking.desk(house, await with_people(house))
    in_order = [each["id"] for each in (await desk.get("/patients")).json()["items"]]

    first = (await desk.get("/patients", params={"limit": 2, "sort": "-name"})).json()
    rest = (await desk.get("/patients", params={"sort": "-name", "cursor": first["next_cursor"]})).json()

    assert [each["id"] for each in first["items"] + rest["items"]] == in_order[::-1]


async def test_a_desk_of_another_location_finds_them_too_but_not_a_stock_keeper(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    await with_people(house)

    elsewhere = await house.client("booking", a_member_of_staff("front_desk", at=new_id())).get("/patients")
    stock = await house.client("booking", a_member_of_staff("stock_keeper")).get("/patients")

    assert len(elsewhere.json()["items"]) == 4
    assert stock.status_code == 403


async def test_finance_sees_names_and_nothing_else_of_a_person(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    await with_people(house)

    [mary, *_] = (await house.client("booking", a_member_of_staff("finance")).get("/patients")).json()["items"]

    assert (mary["given_name"], mary["email"], mary["phone"], mary["birth_date"]) == ("Mary", None, None, None)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("555-0199", []),
        ("0", []),
        ("am@exam", []),
        ("am", []),
        ("o'neil am", []),
        ("mari neil", ["Anne-Marie"]),
        ("muller", ["Zoë"]),
        ("hol", ["Mary", "Omar"]),
        ("mary", ["Mary"]),
    ],
)
async def test_finance_finds_nobody_by_what_it_may_not_see(move_in: MoveIn, q: str, found: list[str]) -> None:
    house = await move_in(BOOKING)
    await with_people(house)

    answer = await house.client("booking", a_member_of_staff("finance")).get("/patients", params={"q": q})

    assert [each["given_name"] for each in answer.json()["items"]] == found


async def test_a_patient_is_registered_in_one_form_and_told_without_any_personal_data(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house)
    body = {
        "given_name": "  Ruth ",
        "family_name": "Ames",
        "birth_date": "1979-02-28",
        "email": "Ruth.Ames@EXAMPLE.com",
        "phone": "(212) 555-0177",
        "home_location_id": str(clinic.id),
    }

    answer = await booking.desk(house, clinic).post("/patients", json=body)
    await house.settle()

    patient = answer.json()
    assert answer.status_code == 201, answer.text
    assert (patient["given_name"], patient["email"]) == ("Ruth", "Ruth.Ames@example.com")
    assert (patient["phone"], patient["zone"]) == ("+12125550177", "America/New_York")
    told = house.facts("booking.patient-registered")[-1]
    assert set(told) == {"patient_id", "home_location_id", "version", "at"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"phone": "123"}, "phone_not_valid"),
        ({"birth_date": "2030-01-01"}, "birth_date_not_valid"),
        ({"zone": "Mars/Olympus"}, "unknown_zone"),
        ({"email": "nobody"}, "invalid_request"),
    ],
)
async def test_what_cannot_be_is_refused(move_in: MoveIn, wrong: dict[str, Any], code: str) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house)
    body = {"given_name": "Ruth", "family_name": "Ames", "birth_date": "1979-02-28", "home_location_id": str(clinic.id)}

    answer = await booking.desk(house, clinic).post("/patients", json={**body, **wrong})

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_only_the_service_that_writes_messages_gets_a_contact(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    _, mary = await booking.open_for_business(house)
    path = f"/patients/{mary}/contact"

    given = await house.client("booking", a_service("notifications")).get(path)
    others = [
        await house.client("booking", caller).get(path) for caller in (a_service("billing"), a_member_of_staff("owner"))
    ]

    assert given.json()["given_name"] == "Mary"
    assert [answer.status_code for answer in others] == [403, 403]


async def test_a_patients_visits_are_listed_newest_first_and_only_those_of_ones_own_locations(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    async with booking.database(house).transaction() as tx:
        boston = await booking.a_clinic(tx, code="boston")
    anywhere = house.client("booking", a_member_of_staff("front_desk"))
    await booking.book(anywhere, clinic, mary, booking.at("10:00"))
    later = booking.days_after(booking.TOMORROW, 30)
    await booking.book(anywhere, boston, mary, booking.at("10:00", later))

    all_of_them = (await anywhere.get(f"/patients/{mary}/appointments")).json()
    mine = (await booking.desk(house, clinic).get(f"/patients/{mary}/appointments")).json()

    assert [visit["local_start"][:10] for visit in all_of_them] == [later.isoformat(), booking.TOMORROW.isoformat()]
    assert [visit["location_id"] for visit in mine] == [str(clinic.id)]
