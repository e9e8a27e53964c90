"""Hours, services of devices, shifts, absences and credentials are kept up by whoever manages the location."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from chassis.clock import new_id
from contracts.values import Modality
from services.booking.practitioners.usecases import certify
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING, Clinic
from tests.support.house import House
from tests.support.tokens import a_member_of_staff
from tests.support.waiting import eventually

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def at_work(move_in: MoveIn) -> tuple[House, Clinic, httpx.AsyncClient, str]:
    """A manager of the clinic, and the path of one who treats there."""
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house)
    manager = house.client("booking", a_member_of_staff("manager", at=clinic.id))
    found = (await manager.get(f"/locations/{clinic.id}/resources")).json()
    return house, clinic, manager, f"/practitioners/{found['practitioners'][0]['id']}"


async def free_on(manager: httpx.AsyncClient, clinic: Clinic, day: str) -> list[Any]:
    query = {"location_id": str(clinic.id), "treatment": booking.CONSULTATION, "from": day, "to": day}
    found: list[Any] = (await manager.get("/slots", params=query)).json()
    return found


async def test_weekly_hours_are_replaced_as_a_whole(move_in: MoveIn) -> None:
    _, clinic, manager, _ = await at_work(move_in)
    path = f"/locations/{clinic.id}/opening"

    kept = await manager.put(path, json={"opening": {"wed": ["10:00", "14:00"]}})
    wrong = await manager.put(path, json={"opening": {"wed": ["14:00", "10:00"]}})

    assert kept.json()["opening"] == {"wed": ["10:00", "14:00"]}
    assert (wrong.status_code, wrong.json()["code"]) == (422, "hours_not_valid")
    assert await free_on(manager, clinic, "2026-12-01") == []
    starts = [each["local_start"][11:16] for each in await free_on(manager, clinic, "2026-12-02")]
    assert (min(starts), max(starts) < "14:00") == ("10:00", True)


async def test_an_absence_is_withdrawn_and_its_time_is_free_again(move_in: MoveIn) -> None:
    _, _, manager, path = await at_work(move_in)
    absence = (await manager.post(f"{path}/absences", json={"day": "2026-12-01"})).json()

    listed = (await manager.get(path)).json()["absences"]
    gone = await manager.post(f"{path}/absences/{absence['id']}/withdraw")
    again = await manager.post(f"{path}/absences/{absence['id']}/withdraw")

    assert listed == [absence]
    assert (gone.status_code, again.status_code) == (204, 404)
    assert (await manager.get(path)).json()["absences"] == []


async def test_the_hours_are_replaced_if_they_are_those_that_were_seen(move_in: MoveIn) -> None:
    _, clinic, manager, _ = await at_work(move_in)
    path = f"/locations/{clinic.id}/opening"
    before = (await manager.get("/locations")).json()[0]["opening"]
    monday, tuesday = {"mon": ["09:00", "12:00"]}, {"tue": ["09:00", "12:00"]}

    first = await manager.put(path, json={"opening": monday, "replaces": before})
    second = await manager.put(path, json={"opening": tuesday, "replaces": before})

    assert (first.status_code, first.json()["opening"]) == (200, monday)
    assert (second.status_code, second.json()["code"], second.json()["opening"]) == (409, "hours_changed", monday)
    assert (await manager.get("/locations")).json()[0]["opening"] == monday


async def test_a_day_with_other_hours_is_taken_back(move_in: MoveIn) -> None:
    _, clinic, manager, _ = await at_work(move_in)
    path = f"/locations/{clinic.id}/exceptions"
    for day in ("2026-12-24", "2026-12-31"):
        await manager.put(f"{path}/{day}", json={"hours": None})

    answers = [await manager.post(f"{path}/2026-12-24/withdraw") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert (await manager.get("/locations")).json()[0]["exceptions"] == {"2026-12-31": None}


async def test_a_weekly_shift_ends_on_a_day_and_never_grows_again(move_in: MoveIn) -> None:
    _, clinic, manager, path = await at_work(move_in)
    weekly = {"location_id": str(clinic.id), "weekday": 6, "starts": "20:00", "ends": "22:00"}
    shift = (await manager.post(f"{path}/shifts", json=weekly)).json()

    ended = await manager.post(f"{path}/shifts/{shift['id']}/end", json={"until_on": "2027-01-31"})
    longer = await manager.post(f"{path}/shifts/{shift['id']}/end", json={"until_on": "2027-02-28"})

    later = (await manager.post(f"{path}/shifts", json={**weekly, "from_on": "2027-06-01"})).json()
    before_it = await manager.post(f"{path}/shifts/{later['id']}/end", json={"until_on": "2027-05-31"})

    assert ended.json() == {**shift, "until_on": "2027-01-31"}
    assert (before_it.status_code, before_it.json()["code"]) == (422, "shift_not_valid")
    assert (longer.status_code, longer.json()["code"]) == (422, "shift_not_valid")
    assert ended.json() in (await manager.get(path)).json()["shifts"]


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({}, 409),
        ({"starts": "21:55", "ends": "23:00"}, 409),
        ({"starts": "22:00", "ends": "23:00"}, 201),
        ({"weekday": 5}, 201),
        ({"until_on": "2027-02-28"}, 201),
        ({"until_on": "2027-03-01"}, 409),
        ({"from_on": "2027-05-31"}, 409),
        ({"from_on": "2027-06-01"}, 201),
        ({"weekday": None, "from_on": None, "until_on": None, "day": "2027-03-07"}, 201),
    ],
)
async def test_nobody_works_twice_at_one_time(move_in: MoveIn, other: dict[str, Any], status: int) -> None:
    _, clinic, manager, path = await at_work(move_in)
    hours = {"location_id": str(clinic.id), "starts": "20:00", "ends": "22:00"}
    weekly = {**hours, "weekday": 6, "from_on": "2027-03-01", "until_on": "2027-05-31"}
    without_dates = {**weekly, "from_on": None, "until_on": None}
    await manager.post(f"{path}/shifts", json=weekly)

    answer = await manager.post(f"{path}/shifts", json={**without_dates, **other})

    assert answer.status_code == status, answer.text
    assert status == 201 or answer.json()["code"] == "shift_overlaps"


async def test_two_who_plan_the_same_shift_at_once_plan_one(move_in: MoveIn) -> None:
    _, clinic, manager, path = await at_work(move_in)
    once = {"location_id": str(clinic.id), "day": "2027-03-07", "starts": "20:00", "ends": "22:00"}

    answers = await asyncio.gather(*(manager.post(f"{path}/shifts", json=once) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5


async def test_an_absence_that_is_told_twice_is_taken_back_at_once(move_in: MoveIn) -> None:
    _, _, manager, path = await at_work(move_in)

    first, second = [(await manager.post(f"{path}/absences", json={"day": "2026-12-01"})).json() for _ in range(2)]
    await manager.post(f"{path}/absences/{first['id']}/withdraw")

    assert second == first
    assert (await manager.get(path)).json()["absences"] == []


async def test_a_credential_is_prolonged_or_given(move_in: MoveIn) -> None:
    _, clinic, manager, path = await at_work(move_in)
    body = {"location_id": str(clinic.id), "modality": "rf", "valid_until": "2027-12-31"}

    for until in ("2027-12-31", "2028-12-31"):
        answer = await manager.put(f"{path}/credentials", json={**body, "valid_until": until})
        assert answer.status_code == 200, answer.text

    kept = (await manager.get(path)).json()["credentials"]
    assert [each["valid_until"] for each in kept if each["modality"] == "rf"] == ["2028-12-31"]


async def test_a_credential_that_two_give_at_once_is_one(move_in: MoveIn) -> None:
    house, clinic, manager, path = await at_work(move_in)
    body = {"location_id": str(clinic.id), "modality": "rf", "valid_until": "2028-12-31"}
    who, db = UUID(path.rpartition("/")[2]), booking.database(house)

    async def is_waiting() -> bool:
        async with db.reading() as tx:
            return bool(await tx.scalar(text(WAITS)))

    async with db.transaction() as tx:
        await certify(tx, who, location_id=clinic.id, modality=Modality.RF, valid_until=date(2027, 12, 31))
        second = asyncio.create_task(manager.put(f"{path}/credentials", json=body))
        await eventually(is_waiting)

    assert (await second).status_code == 200, (await second).text
    kept = (await manager.get(path)).json()["credentials"]
    assert [each["valid_until"] for each in kept if each["modality"] == "rf"] == ["2028-12-31"]


async def test_who_works_elsewhere_alone_is_not_there_for_a_shift(move_in: MoveIn) -> None:
    house, _, _, path = await at_work(move_in)
    async with booking.database(house).transaction() as tx:
        other = await booking.a_clinic(tx, code="noho")
    manager = house.client("booking", a_member_of_staff("manager", at=other.id))
    weekly = {"location_id": str(other.id), "weekday": 6, "starts": "20:00", "ends": "22:00"}

    theirs = await manager.post(f"{path}/shifts", json=weekly)
    unused = await manager.post(f"/practitioners/{new_id()}/shifts", json=weekly)

    assert [(each.status_code, each.json()["kind"]) for each in (theirs, unused)] == [(404, "practitioner")] * 2


async def test_a_device_is_used_again_after_its_service(move_in: MoveIn) -> None:
    _, clinic, manager, _ = await at_work(move_in)
    [device, *_] = (await manager.get(f"/locations/{clinic.id}/resources")).json()["devices"]

    answer = await manager.put(f"/devices/{device['id']}/service", json={"serviced_until": "2028-06-30"})

    assert answer.json() == {**device, "serviced_until": "2028-06-30"}


async def test_a_manager_of_another_location_finds_none_of_it(move_in: MoveIn) -> None:
    house, clinic, manager, path = await at_work(move_in)
    [device, *_] = (await manager.get(f"/locations/{clinic.id}/resources")).json()["devices"]
    shift = (await manager.get(path)).json()["shifts"][0]
    other = house.client("booking", a_member_of_staff("manager", at=new_id()))

    answers = [
        await other.get(path),
        await other.put(f"/devices/{device['id']}/service", json={"serviced_until": "2028-06-30"}),
        await other.post(f"{path}/shifts/{shift['id']}/end", json={"until_on": "2027-01-31"}),
        await other.put(f"/locations/{clinic.id}/opening", json={"opening": {}}),
    ]

    assert [each.status_code for each in answers] == [404, 404, 404, 404]
    assert (answers[2].json()["kind"], answers[2].json()["id"]) == ("shift", shift["id"])
    assert (await manager.get(path)).json()["shifts"][0]["until_on"] is None
