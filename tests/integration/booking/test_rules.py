"""What may be booked: hours, shifts, credentials, devices, the interval; and what a refusal says (BK-10..12, CL-22)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from contracts.values import Modality
from services.booking.places.usecases import except_day
from services.booking.practitioners.usecases import NewShift, add_absence, add_shift
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING, CONSULTATION, TOMORROW, act, at, days_after
from tests.support.tokens import a_member_of_staff


async def test_a_taken_time_comes_with_the_nearest_free_ones_and_these_can_be_booked(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house, practitioners=1)
    [other] = await booking.patients(house, clinic, 1)
    desk = booking.desk(house, clinic)
    await booking.book(desk, clinic, mary, at("10:00"))

    refused = await booking.book(desk, clinic, other, at("10:15"))

    assert refused.status_code == 409
    problem = refused.json()
    assert (problem["code"], problem["resource"]) == ("slot_taken", "practitioner")
    assert len(problem["alternatives"]) == 5
    for nearest in problem["alternatives"]:
        again = await booking.book(desk, clinic, other, datetime.fromisoformat(nearest["local_start"]))
        assert again.status_code == 201, again.text
        await act(desk, again.json(), "cancel", by="clinic")


async def test_a_full_day_offers_the_next_ones(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house, practitioners=1)
    desk = booking.desk(house, clinic)
    for hour, who in zip(range(8, 20), await booking.patients(house, clinic, 12), strict=True):
        await booking.book(desk, clinic, who, at(f"{hour:02d}:00"))
    [other] = await booking.patients(house, clinic, 1)

    refused = await booking.book(desk, clinic, other, at("12:00"))

    assert refused.json()["code"] == "slot_taken"
    days = {each["local_start"][:10] for each in refused.json()["alternatives"]}
    assert days <= {TOMORROW.isoformat(), days_after(TOMORROW, 1).isoformat()}


@pytest.mark.parametrize("time_of_day", ["07:45", "18:45"])
async def test_a_visit_has_to_lie_within_the_opening_hours(move_in: MoveIn, time_of_day: str) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)

    refused = await booking.book(booking.desk(house, clinic), clinic, mary, at(time_of_day))

    assert (refused.status_code, refused.json()["code"]) == (409, "outside_hours")
    assert refused.json()["opening"] == ["08:00", "20:00"]


async def test_on_a_holiday_nothing_can_be_booked(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    async with booking.database(house).transaction() as tx:
        await except_day(tx, clinic.id, TOMORROW, None, at=house.clock.now())

    refused = await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00"))

    assert refused.json()["code"] == "outside_hours"


async def test_without_a_shift_for_all_of_it_nobody_is_booked(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house, practitioners=0)
    async with booking.database(house).transaction() as tx:
        nurse = await booking.a_practitioner(tx, clinic, name="Part time", shifts=False)
        await add_shift(tx, nurse, NewShift(location_id=clinic.id, day=TOMORROW, starts="08:00", ends="12:00"))
    desk = booking.desk(house, clinic)

    too_long = await booking.book(desk, clinic, mary, at("10:45"))
    fits = await booking.book(desk, clinic, mary, at("10:30"))

    assert too_long.json()["code"] == "outside_hours"
    assert fits.status_code == 201


async def test_an_absence_is_refused_while_visits_are_booked_and_keeps_others_out(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house, practitioners=1)
    manager = house.client("booking", a_member_of_staff("manager", at=clinic.id))
    visit = (await booking.book(manager, clinic, mary, at("10:00"))).json()
    absences = f"/practitioners/{clinic.practitioners[0]}/absences"

    in_the_way = await manager.post(absences, json={"day": str(TOMORROW)})
    afternoon = await manager.post(absences, json={"day": str(TOMORROW), "starts": "13:00", "ends": "20:00"})
    refused = await act(manager, visit, "move", local_start=at("14:00").isoformat())

    assert (in_the_way.status_code, in_the_way.json()["appointment_ids"]) == (409, [visit["id"]])
    assert afternoon.status_code == 201
    assert refused.json()["code"] == "outside_hours"


async def test_only_who_holds_a_valid_credential_here_is_booked(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house, practitioners=0)
    async with booking.database(house).transaction() as tx:
        without = await booking.a_practitioner(tx, clinic, name="Without", valid_until=None)
        lapsed = await booking.a_practitioner(tx, clinic, name="Lapsed", valid_until=days_after(TOMORROW, -1))
        valid = await booking.a_practitioner(tx, clinic, name="Valid", valid_until=TOMORROW)
    desk = booking.desk(house, clinic)

    asked = [await booking.book(desk, clinic, mary, at("10:00"), practitioner_id=each) for each in (without, lapsed)]
    anyone = await booking.book(desk, clinic, mary, at("10:00"))

    assert [answer.json()["code"] for answer in asked] == ["not_credentialed"] * 2
    assert anyone.json()["practitioner_id"] == str(valid)


async def test_a_consultation_needs_neither_credential_nor_device(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house, practitioners=0)
    async with booking.database(house).transaction() as tx:
        await booking.a_practitioner(tx, clinic, name="Without", valid_until=None)

    booked = await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00"), treatment=CONSULTATION)

    assert booked.status_code == 201
    assert booked.json()["device_id"] is None


async def test_a_device_is_not_used_after_its_service_ran_out(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    after = date(2028, 1, 3)
    async with booking.database(house).transaction() as tx:
        nurse = await booking.a_practitioner(tx, clinic, name="Later", valid_until=date(2029, 1, 1))

    refused = await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00", after), practitioner_id=nurse)

    assert refused.json()["code"] == "no_device_in_service"
    assert refused.json()["modality"] == Modality.PEN.value


async def test_day_27_is_too_soon_and_day_28_is_not_at_another_location_as_well(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    async with booking.database(house).transaction() as tx:
        boston = await booking.a_clinic(tx, code="boston")
    house_wide = house.client("booking", a_member_of_staff("front_desk"))
    await booking.book(house_wide, clinic, mary, at("18:00"))

    day_27 = await booking.book(house_wide, boston, mary, at("18:30", days_after(TOMORROW, 27)))
    day_28 = await booking.book(house_wide, boston, mary, at("08:00", days_after(TOMORROW, 28)))

    assert (day_27.status_code, day_27.json()["code"]) == (409, "too_soon")
    assert day_27.json()["earliest"] == days_after(TOMORROW, 28).isoformat()
    assert day_28.status_code == 201


async def test_a_cancelled_session_does_not_count_for_the_interval(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    desk = booking.desk(house, clinic)
    visit = (await booking.book(desk, clinic, mary, at("10:00"))).json()
    await act(desk, visit, "cancel", by="clinic")

    again = await booking.book(desk, clinic, mary, at("10:00", days_after(TOMORROW, 7)))

    assert again.status_code == 201


async def test_the_interval_counts_from_the_day_on_which_a_session_really_began(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    later = days_after(TOMORROW, 20)
    visit = (await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00", later))).json()
    house.clock.advance(timedelta(hours=22))
    nurse = booking.clinician(house, clinic)
    for action in ("check-in", "start"):
        await act(nurse, visit, action)

    day_27 = await booking.book(nurse, clinic, mary, at("10:00", days_after(TOMORROW, 27)))
    day_28 = await booking.book(nurse, clinic, mary, at("10:00", days_after(TOMORROW, 28)))

    assert (day_27.status_code, day_27.json()["code"]) == (409, "too_soon")
    assert day_27.json()["sessions"] == [TOMORROW.isoformat()]
    assert day_28.status_code == 201


async def test_a_session_that_began_late_keeps_the_next_one_away_from_its_true_day(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    visit = (await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00"))).json()
    house.clock.advance(timedelta(days=40, hours=22))
    nurse = booking.clinician(house, clinic)
    for action in ("check-in", "start"):
        await act(nurse, visit, action)

    next_week = await booking.book(nurse, clinic, mary, at("10:00", days_after(TOMORROW, 47)))

    assert (next_week.status_code, next_week.json()["code"]) == (409, "too_soon")


async def test_a_session_broken_off_while_needling_counts_for_the_interval(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    visit = (await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00"))).json()
    house.clock.advance(timedelta(hours=22))
    nurse = booking.clinician(house, clinic)
    for action in ("check-in", "start"):
        await act(nurse, visit, action)
    broken_off = await act(nurse, visit, "cancel", by="medical")

    tomorrow = await booking.book(nurse, clinic, mary, at("10:00", days_after(TOMORROW, 1)))

    assert broken_off.json()["status"] == "aborted_medical"
    assert (tomorrow.status_code, tomorrow.json()["code"]) == (409, "too_soon")


async def test_a_no_show_is_not_taken_back_too_close_to_a_session_booked_meanwhile(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    missed = (await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00"))).json()
    house.clock.advance(timedelta(hours=23))
    desk = booking.desk(house, clinic)
    await act(desk, missed, "no-show")
    instead = (await booking.book(desk, clinic, mary, at("10:00", days_after(TOMORROW, 2)))).json()

    too_soon = await act(desk, missed, "reinstate")
    await act(desk, instead, "cancel", by="clinic")
    back = await act(desk, missed, "reinstate")

    assert (too_soon.status_code, too_soon.json()["code"]) == (409, "too_soon")
    assert back.json()["status"] == "booked"


async def test_an_override_of_the_interval_holds_for_its_date_only(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    desk, nurse = booking.desk(house, clinic), booking.clinician(house, clinic)
    await booking.book(desk, clinic, mary, at("10:00"))
    day_7, day_9 = days_after(TOMORROW, 7), days_after(TOMORROW, 9)
    soon = (await booking.book(nurse, clinic, mary, at("10:00", day_7), override_reason="skin is calm")).json()

    same_day = await act(desk, soon, "move", local_start=at("14:00", day_7).isoformat())
    another_day = await act(desk, soon, "move", local_start=at("10:00", day_9).isoformat())
    far_enough = await act(desk, soon, "move", local_start=at("10:00", days_after(TOMORROW, 28)).isoformat())
    and_back = await act(desk, soon, "move", local_start=at("10:00", day_7).isoformat())

    assert same_day.status_code == far_enough.status_code == 200
    assert [each.json()["code"] for each in (another_day, and_back)] == ["too_soon"] * 2


async def test_a_clinician_may_override_the_interval_with_a_reason_and_the_desk_may_not(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    desk, nurse = booking.desk(house, clinic), booking.clinician(house, clinic)
    await booking.book(desk, clinic, mary, at("10:00"))
    soon: dict[str, Any] = {"override_reason": "other area, skin is calm"}

    by_desk = await booking.book(desk, clinic, mary, at("10:00", days_after(TOMORROW, 7)), **soon)
    by_nurse = await booking.book(nurse, clinic, mary, at("10:00", days_after(TOMORROW, 7)), **soon)

    assert by_desk.status_code == 403
    assert by_nurse.status_code == 201


async def test_a_clinician_of_another_location_may_not_override_here(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    caller = a_member_of_staff("front_desk", at=clinic.id)
    elsewhere = a_member_of_staff("practitioner", at=mary)
    both = type(caller)(caller.id, caller.kind, caller.name, {**caller.grants, **elsewhere.grants})

    refused = await booking.book(
        house.client("booking", both), clinic, mary, at("10:00"), override_reason="because I say so"
    )

    assert refused.status_code == 403


async def test_a_time_that_the_clocks_skip_or_show_twice_is_refused_with_what_to_do(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    desk = booking.desk(house, clinic)

    skipped = await booking.book(desk, clinic, mary, datetime.fromisoformat("2027-03-14T02:30:00"))
    twice = await booking.book(desk, clinic, mary, datetime.fromisoformat("2027-11-07T01:30:00"))
    told_apart = await booking.book(desk, clinic, mary, datetime.fromisoformat("2027-11-07T01:30:00"), fold=1)

    assert (skipped.status_code, skipped.json()["code"]) == (422, "no_such_time")
    assert (twice.status_code, twice.json()["code"]) == (422, "ambiguous_time")
    assert [each["utc_offset"] for each in twice.json()["instants"]] == ["-04:00", "-05:00"]
    assert told_apart.json()["code"] == "outside_hours"


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (datetime.fromisoformat("2026-11-23T11:40:00"), "starts_in_past"),
        (at("10:00", TOMORROW + timedelta(days=800)), "too_far_ahead"),
    ],
)
async def test_what_is_over_or_far_away_is_refused(move_in: MoveIn, start: datetime, code: str) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)

    refused = await booking.book(booking.desk(house, clinic), clinic, mary, start)

    assert (refused.status_code, refused.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    "wrong",
    [
        {"local_start": "2026-11-24T10:03:00"},
        {"local_start": "2026-11-24T10:00:00-05:00"},
        {"local_start": "9999-12-31T23:55:00"},
        {"treatment": "No Such Thing"},
        {"fold": 2},
        {"patient_id": "nobody"},
        {"unknown": 1},
    ],
)
async def test_an_invalid_request_names_its_field(move_in: MoveIn, wrong: dict[str, Any]) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    body = {"patient_id": str(mary), "location_id": str(clinic.id), "treatment": "pen-face"}

    refused = await booking.desk(house, clinic).post(
        "/appointments", json={**body, "local_start": "2026-11-24T10:00:00", **wrong}
    )

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == f"body.{next(iter(wrong))}"


async def test_who_has_least_to_do_is_booked_when_nobody_is_asked_for(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await booking.open_for_business(house, practitioners=2)
    desk = booking.desk(house, clinic)
    people = await booking.patients(house, clinic, 4)

    names = [
        (await booking.book(desk, clinic, who, at(start))).json()["practitioner_name"]
        for who, start in zip(people, ("09:00", "11:00", "13:00", "15:00"), strict=True)
    ]

    assert names == ["Nurse 1", "Nurse 2", "Nurse 1", "Nurse 2"]


async def test_a_visit_occupies_what_the_rule_book_says(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)

    await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00"))

    assert await booking.claims(house) == {
        "patient": ("10:00", "11:30"),
        "numbing_bay": ("10:05", "10:35"),
        "practitioner": ("10:35", "11:30"),
        "device": ("10:35", "11:25"),
        "room": ("10:35", "11:45"),
    }


async def test_a_clinic_without_bays_numbs_in_the_room(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house, bays=0)

    await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00"))

    assert await booking.claims(house) == {
        "patient": ("10:00", "11:30"),
        "practitioner": ("10:05", "11:30"),
        "device": ("10:05", "11:25"),
        "room": ("10:05", "11:45"),
    }


async def test_someone_from_two_clinics_is_not_in_both_at_once(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house, practitioners=1)
    async with booking.database(house).transaction() as tx:
        boston = await booking.a_clinic(tx, code="boston", practitioners=0)
        await booking.also_works_at(tx, clinic.practitioners[0], boston)
    [other] = await booking.patients(house, clinic, 1)
    anywhere = house.client("booking", a_member_of_staff("front_desk"))
    await booking.book(anywhere, clinic, mary, at("10:00"))

    refused = await booking.book(anywhere, boston, other, at("10:15"))

    assert refused.json()["code"] == "slot_taken"


async def test_an_absence_of_someone_unknown_or_elsewhere_is_not_found(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    stranger = house.client("booking", a_member_of_staff("manager", at=mary))

    answer = await stranger.post(f"/practitioners/{clinic.practitioners[0]}/absences", json={"day": str(TOMORROW)})

    assert answer.status_code == 404
    async with booking.database(house).transaction() as tx:
        absence = await add_absence(tx, clinic.practitioners[0], TOMORROW)
    assert absence.day == TOMORROW
