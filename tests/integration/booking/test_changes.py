"""Moving, cancelling, missing, taking back and completing: what each leaves behind, and when it is refused."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import new_id
from chassis.db import one
from contracts.values import Modality
from services.booking.places.model import Device
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING, TOMORROW, Clinic, a_record, act, at, days_after
from tests.support.house import House
from tests.support.tokens import a_member_of_staff


async def a_visit(house: House, **how: Any) -> tuple[Clinic, dict[str, Any]]:
    clinic, mary = await booking.open_for_business(house, **how)
    answer = await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00"))
    assert answer.status_code == 201, answer.text
    return clinic, answer.json()


async def test_a_move_keeps_the_id_counts_up_and_gives_the_old_time_back(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house, practitioners=1)
    desk = booking.desk(house, clinic)
    [other] = await booking.patients(house, clinic, 1)

    moved = (await act(desk, visit, "move", local_start=at("14:00").isoformat())).json()
    into_the_old_time = await booking.book(desk, clinic, other, at("10:00"))
    await house.settle()

    assert (moved["id"], moved["sequence"], moved["local_start"]) == (visit["id"], 1, "2026-11-24T14:00:00")
    assert (moved["practitioner_id"], moved["room_id"]) == (visit["practitioner_id"], visit["room_id"])
    assert into_the_old_time.status_code == 201
    [fact] = house.facts("booking.appointment-moved")
    assert (fact["sequence"], fact["version"], fact["local_start"]) == (1, 2, "2026-11-24T14:00:00")


async def test_a_visit_does_not_stand_in_its_own_way(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house, practitioners=1, rooms=1)

    moved = await act(booking.desk(house, clinic), visit, "move", local_start=at("10:15").isoformat())

    assert moved.status_code == 200, moved.text


async def test_a_move_into_a_taken_time_is_refused_and_changes_nothing(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house, practitioners=1)
    desk = booking.desk(house, clinic)
    [other] = await booking.patients(house, clinic, 1)
    await booking.book(desk, clinic, other, at("14:00"))

    refused = await act(desk, visit, "move", local_start=at("14:15").isoformat())
    same = (await desk.get(f"/appointments/{visit['id']}")).json()

    assert (refused.status_code, refused.json()["code"]) == (409, "slot_taken")
    assert refused.json()["alternatives"]
    assert same == visit


async def test_a_move_obeys_the_interval_to_the_other_sessions(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house)
    desk = booking.desk(house, clinic)
    patient = visit["patient_id"]
    later = (await booking.book(desk, clinic, patient, at("10:00", days_after(TOMORROW, 28)))).json()

    refused = await act(desk, later, "move", local_start=at("10:00", days_after(TOMORROW, 27)).isoformat())

    assert refused.json()["code"] == "too_soon"


async def test_a_stale_version_is_told_how_the_visit_is_now(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house)
    desk = booking.desk(house, clinic)
    await act(desk, visit, "confirm", version=visit["version"])

    refused = await act(desk, visit, "cancel", by="clinic", version=visit["version"])

    assert (refused.status_code, refused.json()["code"]) == (409, "changed_meanwhile")
    assert (refused.json()["state"], refused.json()["version"]) == ("confirmed", 2)


async def test_an_impossible_step_says_in_which_state_the_visit_is(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house)

    refused = await act(booking.desk(house, clinic), visit, "start")

    assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (
        409,
        "illegal_transition",
        "booked",
    )


async def test_a_no_show_frees_the_time_and_is_taken_back_only_while_it_is_free(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house, practitioners=1)
    [other] = await booking.patients(house, clinic, 1)
    house.clock.advance(timedelta(hours=22, minutes=14))
    too_early = await act(booking.desk(house, clinic), visit, "no-show")
    house.clock.advance(timedelta(minutes=1))
    desk = booking.desk(house, clinic)

    missed = await act(desk, visit, "no-show")
    between = (await booking.book(desk, clinic, other, at("10:15"))).json()
    taken = await act(desk, visit, "reinstate")
    await act(desk, between, "cancel", by="clinic")
    back = await act(desk, visit, "reinstate")

    assert (too_early.json()["code"], missed.json()["status"]) == ("too_early", "no_show")
    assert missed.json()["next_actions"] == ["reinstate"]
    assert (taken.status_code, taken.json()["code"]) == (409, "slot_taken")
    assert back.json()["status"] == "booked"
    assert len(await booking.claims(house)) == 5


async def test_the_same_key_books_once_and_gives_the_same_answer(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    desk = booking.desk(house, clinic)
    desk.headers["idempotency-key"] = "the-same-key"

    first, second = [await booking.book(desk, clinic, mary, at("10:00")) for _ in range(2)]
    other = await booking.book(desk, clinic, mary, at("15:00"))

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


@pytest.mark.parametrize("action", ["confirm", "check-in", "numb", "start", "no-show", "reinstate"])
async def test_a_visit_of_another_location_is_not_there(move_in: MoveIn, action: str) -> None:
    house = await move_in(BOOKING)
    _, visit = await a_visit(house)
    stranger = house.client("booking", a_member_of_staff("manager", at=new_id()))

    foreign = await act(stranger, visit, action)
    unknown = await act(stranger, {"id": new_id()}, action)

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json().keys() == unknown.json().keys()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"areas": []}, "record_incomplete"),
        ({"aftercare_given": False}, "record_incomplete"),
        ({"reaction_grade": None}, "record_incomplete"),
        ({"areas": [{"area": "cheek", "depth_hundredths_mm": 251, "passes": 1}]}, "depth_not_allowed"),
        ({"areas": [{"area": "periorbital", "depth_hundredths_mm": 60, "passes": 1}]}, "depth_not_allowed"),
        ({"started_at": "2026-11-24T14:00:00Z"}, "record_times_not_valid"),
        ({"completed_at": "2026-11-24T23:00:00Z"}, "record_times_not_valid"),
        ({"numbing": {"on_at": "2026-11-24T14:00:00Z", "off_at": "2026-11-24T15:00:00Z"}}, "record_times_not_valid"),
        ({"numbing": {"on_at": "2026-11-24T15:00:00Z", "off_at": "2026-11-25T15:00:00Z"}}, "record_times_not_valid"),
        ({"device_id": "0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"}, "not_found"),
        ({"reaction_grade": 5}, "invalid_request"),
        ({"products": [{"item_id": "0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10", "quantity": 0}]}, "invalid_request"),
        ({"products": [{"item_id": "0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10", "quantity": 10**20}]}, "invalid_request"),
    ],
)
async def test_a_record_that_cannot_be_signed_leaves_the_visit_open(
    move_in: MoveIn, wrong: dict[str, Any], code: str
) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house)
    house.clock.advance(timedelta(hours=22))
    nurse = booking.clinician(house, clinic)
    for action in ("check-in", "start"):
        await act(nurse, visit, action)

    refused = await act(nurse, visit, "complete", **a_record(**wrong))
    signed = await act(nurse, visit, "complete", **a_record())
    await house.settle()

    assert refused.json()["code"] == code, refused.text
    assert signed.status_code == 200
    assert len(house.facts("booking.session-completed")) == 1


async def test_a_record_says_when_the_cream_that_was_put_on_came_off(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house)
    house.clock.advance(timedelta(hours=22, seconds=30))
    nurse = booking.clinician(house, clinic)
    for action in ("check-in", "numb"):
        await act(nurse, visit, action)
    house.clock.advance(timedelta(minutes=30))
    nurse = booking.clinician(house, clinic)
    await act(nurse, visit, "start")
    to_the_minute = {"on_at": "2026-11-24T15:00:00Z", "off_at": "2026-11-24T15:30:00Z"}

    without = await act(nurse, visit, "complete", **a_record())
    signed = await act(nurse, visit, "complete", **a_record(numbing=to_the_minute))

    assert (without.json()["code"], without.json()["missing"]) == ("record_incomplete", ["numbing"])
    assert signed.status_code == 200, signed.text


@pytest.mark.parametrize(
    "unfit",
    [{"modality": Modality.RF}, {"active": False}, {"serviced_until": days_after(TOMORROW, -1)}],
    ids=["made for another kind of needling", "no longer used", "its service ran out the day before"],
)
async def test_a_record_names_no_device_that_can_not_have_been_used(move_in: MoveIn, unfit: dict[str, Any]) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house)
    other = next(each for each in clinic.devices if str(each) != visit["device_id"])
    async with booking.database(house).transaction() as tx:
        device = await one(tx, Device, other)
        for name, value in unfit.items():
            setattr(device, name, value)
    house.clock.advance(timedelta(hours=22))
    nurse = booking.clinician(house, clinic)
    for action in ("check-in", "start"):
        await act(nurse, visit, action)
    deep = [{"area": "cheek", "depth_hundredths_mm": 900, "passes": 1, "override_reason": "thick skin"}]

    refused = await act(nurse, visit, "complete", **a_record(device_id=str(other), areas=deep))
    signed = await act(nurse, visit, "complete", **a_record())

    assert (refused.status_code, refused.json()["code"]) == (422, "device_not_usable")
    assert signed.status_code == 200


async def test_a_depth_beyond_the_usual_is_signed_with_a_reason(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house)
    house.clock.advance(timedelta(hours=22))
    nurse = booking.clinician(house, clinic)
    for action in ("check-in", "start"):
        await act(nurse, visit, action)
    deep = {"area": "periorbital", "depth_hundredths_mm": 60, "passes": 1, "override_reason": "thick skin"}

    signed = await act(nurse, visit, "complete", **a_record(areas=[deep]))

    assert signed.status_code == 200


async def test_the_desk_neither_completes_a_visit_nor_reads_its_record(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, visit = await a_visit(house)
    desk = booking.desk(house, clinic)

    answers = [await act(desk, visit, "complete", **a_record()), await desk.get(f"/appointments/{visit['id']}/record")]

    assert [answer.status_code for answer in answers] == [403, 403]


async def test_claims_of_past_visits_are_forgotten_and_those_of_later_ones_stay(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await a_visit(house)
    [other] = await booking.patients(house, clinic, 1)
    await booking.book(booking.desk(house, clinic), clinic, other, at("12:00", days_after(TOMORROW, 30)))
    house.clock.advance(timedelta(days=9))

    forgotten = await booking.run_timer(house, "forget_past_claims")

    assert forgotten == 5
    assert (await booking.claims(house))["patient"] == ("12:00", "13:30")
