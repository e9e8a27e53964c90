"""The day's page in one request, and the free starts around it."""

from datetime import datetime
from typing import Any

import httpx

from services.booking.practitioners.usecases import NewShift, add_shift
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING, TOMORROW, Clinic, act, at, days_after


async def day(client: httpx.AsyncClient, clinic: Clinic) -> dict[str, Any]:
    answer = await client.get(f"/locations/{clinic.id}/day", params={"date": str(TOMORROW)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_day_shows_hours_people_rooms_and_visits(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    desk = booking.desk(house, clinic)
    await booking.book(desk, clinic, mary, at("10:00"), practitioner_id=clinic.practitioners[1])

    shown = await day(desk, clinic)

    assert (shown["zone"], shown["utc_offset"], shown["opening"]) == (
        "America/New_York",
        "-05:00",
        ["08:00", "20:00"],
    )
    assert [person["initials"] for person in shown["practitioners"]] == ["N1", "N2"]
    assert [room["name"] for room in shown["rooms"]] == ["Room 1", "Room 2", "Bay 1"]
    [visit] = shown["appointments"]
    assert (visit["local_start"], visit["local_end"]) == ("2026-11-24T10:00:00", "2026-11-24T11:30:00")
    assert visit["patient"] == {"given_name": "Mary", "family_name": "Holt"}
    assert (visit["practitioner_name"], visit["room_name"]) == ("Nurse 2", "Room 1")
    assert visit["flags"] == ["new"]


async def test_who_is_not_there_is_marked_as_off_and_who_is_not_at_all_is_left_out(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house, practitioners=0)
    async with booking.database(house).transaction() as tx:
        await booking.a_practitioner(tx, clinic, name="Away", shifts=False)
        noon = await booking.a_practitioner(tx, clinic, name="Noon", shifts=False)
        await add_shift(tx, noon, NewShift(location_id=clinic.id, day=TOMORROW, starts="11:00", ends="15:00"))

    shown = await day(booking.desk(house, clinic), clinic)

    [person] = shown["practitioners"]
    assert person["off"] == [
        ["2026-11-24T08:00:00", "2026-11-24T11:00:00"],
        ["2026-11-24T15:00:00", "2026-11-24T20:00:00"],
    ]


async def test_someone_who_has_been_before_is_not_new(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    desk = booking.desk(house, clinic)

    first = (await booking.book(desk, clinic, mary, at("10:00"))).json()
    second = (await booking.book(desk, clinic, mary, at("10:00", days_after(TOMORROW, 28)))).json()
    missed = (await booking.book(desk, clinic, mary, at("10:00", days_after(TOMORROW, 60)))).json()
    await act(desk, first, "cancel", by="clinic")
    now_first = (await desk.get(f"/appointments/{second['id']}")).json()

    assert [visit["flags"] for visit in (first, second, missed, now_first)] == [["new"], [], [], ["new"]]


async def test_what_became_of_a_visit_stays_on_its_day(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    desk = booking.desk(house, clinic)
    visit = (await booking.book(desk, clinic, mary, at("10:00"))).json()
    await act(desk, visit, "cancel", by="patient")

    [shown] = (await day(desk, clinic))["appointments"]

    assert shown["status"] == "late_cancel"


async def test_free_starts_leave_out_what_is_taken_and_each_can_be_booked(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house, practitioners=1)
    desk = booking.desk(house, clinic)
    [other] = await booking.patients(house, clinic, 1)
    asked = {"location_id": str(clinic.id), "treatment": "pen-face", "from": str(TOMORROW), "to": str(TOMORROW)}
    before = (await desk.get("/slots", params=asked)).json()
    await booking.book(desk, clinic, mary, at("10:00"))

    after = (await desk.get("/slots", params=asked)).json()

    starts = {slot["local_start"][11:16] for slot in after}
    assert {slot["local_start"][11:16] for slot in before} - starts == {
        f"{hour:02d}:{minute:02d}"
        for hour, minute in ((9, 15), (9, 30), (9, 45), (10, 0), (10, 15), (10, 30), (10, 45))
    }
    assert after[0]["practitioner_ids"] == [str(clinic.practitioners[0])]
    last = await booking.book(desk, clinic, other, datetime.fromisoformat(after[-1]["local_start"]))
    assert last.status_code == 201


async def test_a_visit_that_is_moved_does_not_stand_in_its_own_way(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house, practitioners=1)
    desk = booking.desk(house, clinic)
    [other] = await booking.patients(house, clinic, 1)
    asked = {"location_id": str(clinic.id), "treatment": "pen-face", "from": str(TOMORROW), "to": str(TOMORROW)}
    visit = (await booking.book(desk, clinic, mary, at("10:00"))).json()
    await booking.book(desk, clinic, other, at("14:00"))

    anew = await desk.get("/slots", params=asked)
    moving = await desk.get("/slots", params={**asked, "moving": visit["id"]})

    starts, more = ([each["local_start"][11:16] for each in answer.json()] for answer in (anew, moving))
    assert "10:15" not in starts
    assert {"10:00", "10:15"} < set(more)
    assert "14:00" not in more
    moved = await booking.act(desk, visit, "move", local_start=at("10:15").isoformat())
    assert (moved.status_code, moved.json()["local_start"][11:]) == (200, "10:15:00")


async def test_the_visit_that_is_moved_is_one_of_that_place_and_treatment(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    here, mary = await booking.open_for_business(house)
    async with booking.database(house).transaction() as tx:
        there = await booking.a_clinic(tx, code="boston")
    visit = (await booking.book(booking.desk(house, here), here, mary, at("10:00"))).json()
    asked = {"treatment": "pen-face", "from": str(TOMORROW), "to": str(TOMORROW), "moving": visit["id"]}

    elsewhere = await booking.desk(house, there).get("/slots", params={**asked, "location_id": str(there.id)})
    other = {**asked, "location_id": str(here.id), "treatment": "consultation"}
    otherwise = await booking.desk(house, here).get("/slots", params=other)

    assert (elsewhere.status_code, elsewhere.json()["kind"]) == (404, "appointment")
    assert (otherwise.status_code, otherwise.json()["code"]) == (422, "of_another_treatment")


async def test_free_starts_ask_for_known_places_and_a_month_at_most(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    desk = booking.desk(house, clinic)
    asked = {"location_id": str(clinic.id), "treatment": "pen-face", "from": str(TOMORROW), "to": str(TOMORROW)}

    wrong = [
        await desk.get("/slots", params={**asked, **each})
        for each in (
            {"location_id": str(mary)},
            {"treatment": "leeches"},
            {"to": str(days_after(TOMORROW, 31))},
            {"to": str(days_after(TOMORROW, -1))},
        )
    ]

    assert [answer.status_code for answer in wrong] == [404, 404, 422, 422]
