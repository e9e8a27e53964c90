"""Details of a patient are corrected for the version that was seen; a second record is not made unawares (CP-14)."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING
from tests.support.house import House

RUTH = {
    "given_name": "Ruth",
    "family_name": "Ames",
    "birth_date": "1979-02-28",
    "email": "ruth@example.com",
    "phone": "+12125550147",
}


async def at_work(move_in: MoveIn) -> tuple[House, httpx.AsyncClient, UUID]:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house)
    return house, booking.desk(house, clinic), clinic.id


async def registered(desk: httpx.AsyncClient, home: UUID, **changes: Any) -> dict[str, Any]:
    answer = await desk.post("/patients", json={**RUTH, "home_location_id": str(home), **changes})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def details(patient: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in patient.items() if name != "id"} | changes


async def test_what_is_corrected_is_found_and_told_without_what_it_says(move_in: MoveIn) -> None:
    house, desk, home = await at_work(move_in)
    ruth = await registered(desk, home)

    answer = await desk.put(f"/patients/{ruth['id']}", json=details(ruth, family_name="Ängström", phone=None))
    await house.settle()

    assert answer.status_code == 200, answer.text
    assert answer.json() == {**ruth, "family_name": "Ängström", "phone": None, "version": ruth["version"] + 1}
    assert (await desk.get(f"/patients/{ruth['id']}")).json() == answer.json()
    assert [each["id"] for each in (await desk.get("/patients", params={"q": "angstr"})).json()["items"]] == [
        ruth["id"]
    ]
    assert (await desk.get("/patients", params={"q": "5550147"})).json()["items"] == []
    [fact] = house.facts("booking.patient-changed")
    assert (fact["version"], fact["changed"]) == (2, ["family_name", "phone"])
    assert "ngstr" not in str(fact)


async def test_who_has_seen_an_older_version_looks_again(move_in: MoveIn) -> None:
    _, desk, home = await at_work(move_in)
    ruth = await registered(desk, home)
    await desk.put(f"/patients/{ruth['id']}", json=details(ruth, given_name="Rut"))

    late = await desk.put(f"/patients/{ruth['id']}", json=details(ruth, given_name="Ruthie"))

    assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "details_changed", 2)
    assert (await desk.get(f"/patients/{ruth['id']}")).json()["given_name"] == "Rut"


async def test_where_nothing_differs_nothing_is_told(move_in: MoveIn) -> None:
    house, desk, home = await at_work(move_in)
    ruth = await registered(desk, home)

    answer = await desk.put(f"/patients/{ruth['id']}", json=details(ruth, phone="(212) 555-0147"))
    await house.settle()

    assert answer.json() == ruth
    assert house.facts("booking.patient-changed") == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"phone": "123"}, "phone_not_valid"),
        ({"birth_date": "2030-01-01"}, "birth_date_not_valid"),
        ({"birth_date": None}, "birth_date_not_valid"),
        ({"zone": "Mars/Olympus"}, "unknown_zone"),
        ({"email": "nobody"}, "invalid_request"),
    ],
)
async def test_what_can_not_be_is_refused(move_in: MoveIn, wrong: dict[str, Any], code: str) -> None:
    _, desk, home = await at_work(move_in)
    ruth = await registered(desk, home)

    answer = await desk.put(f"/patients/{ruth['id']}", json=details(ruth, **wrong))

    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("another", "because"),
    [
        ({"given_name": "Rut", "email": None, "phone": None}, ["birth_date_and_name"]),
        ({"given_name": "Otto", "birth_date": "1950-01-01", "email": None, "phone": "212 555 0147"}, ["phone"]),
        ({"given_name": "Otto", "birth_date": "1950-01-01", "email": "RUTH@example.com", "phone": None}, ["email"]),
        ({}, ["birth_date_and_name", "phone", "email"]),
    ],
)
async def test_who_asks_is_told_of_a_likely_duplicate_and_may_go_on(
    move_in: MoveIn, another: dict[str, Any], because: list[str]
) -> None:
    _, desk, home = await at_work(move_in)
    ruth = await registered(desk, home)
    body = {**RUTH, "home_location_id": str(home), **another}
    key = {"idempotency-key": str(uuid4())}

    told = await desk.post("/patients", json={**body, "differs_from": []}, headers=key)
    goes_on = [await desk.post("/patients", json={**body, "differs_from": [ruth["id"]]}, headers=key) for _ in range(2)]

    assert (told.status_code, told.json()["code"]) == (409, "perhaps_known")
    assert told.json()["alike"] == [{"patient_id": ruth["id"], "because": because}]
    assert "Ames" not in told.text
    assert [each.status_code for each in goes_on] == [201, 201]
    assert goes_on[0].json() == goes_on[1].json()


async def test_somebody_else_is_registered_without_a_question(move_in: MoveIn) -> None:
    _, desk, home = await at_work(move_in)
    await registered(desk, home)

    await registered(desk, home, given_name="Otto", family_name="Reuter", email=None, phone=None, differs_from=[])


async def test_nobody_moves_a_patient_to_a_location_they_do_not_work_at(move_in: MoveIn) -> None:
    house, desk, home = await at_work(move_in)
    async with booking.database(house).transaction() as tx:
        other = await booking.a_clinic(tx, code="noho")
    ruth = await registered(desk, home)
    away = booking.desk(house, other)

    foreign = await desk.put(f"/patients/{ruth['id']}", json=details(ruth, home_location_id=str(other.id)))
    unused = await desk.put(f"/patients/{ruth['id']}", json=details(ruth, home_location_id=str(uuid4())))
    kept = await away.put(f"/patients/{ruth['id']}", json=details(ruth, given_name="Rut"))
    taken = await away.put(f"/patients/{ruth['id']}", json=details(kept.json(), home_location_id=str(other.id)))

    assert (foreign.status_code, foreign.json()["kind"], unused.status_code) == (404, "location", 404)
    assert kept.json()["home_location_id"] == str(home)
    assert taken.json()["home_location_id"] == str(other.id)


@pytest.mark.parametrize("left_out", ["accepts_email", "language"])
async def test_what_is_left_out_is_asked_for_and_never_guessed(move_in: MoveIn, left_out: str) -> None:
    _, desk, home = await at_work(move_in)
    ruth = await registered(desk, home, accepts_email=False, language="es")
    body = {name: value for name, value in details(ruth).items() if name != left_out}

    answer = await desk.put(f"/patients/{ruth['id']}", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"body.{left_out}")
    assert (await desk.get(f"/patients/{ruth['id']}")).json() == ruth
