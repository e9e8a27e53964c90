"""One visit over HTTP, from booking to the signed record, and the facts that tell of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.clock import new_id
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING, TOMORROW, a_record, act, at
from tests.support.house import House
from tests.support.tokens import a_member_of_staff


async def test_a_visit_goes_from_booking_to_its_signed_record(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)

    visit = (await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00"))).json()
    await act(booking.desk(house, clinic), visit, "confirm")
    house.clock.advance(timedelta(hours=22))
    for action in ("check-in", "numb"):
        await act(booking.desk(house, clinic), visit, action)
    started = (await act(booking.desk(house, clinic), visit, "start")).json()
    house.clock.advance(timedelta(minutes=50))
    numbing = {"on_at": started["numbing_at"], "off_at": started["started_at"]}
    done = await act(booking.clinician(house, clinic), visit, "complete", **a_record(numbing=numbing))
    await house.settle()

    assert done.status_code == 200, done.text
    assert done.json()["status"] == "completed"
    assert done.json()["next_actions"] == []
    told = [message for message in house.published if str(message.key) == visit["id"]]
    types = [message.envelope.type.removeprefix("booking.") for message in told]
    assert types == [
        "appointment-booked",
        "appointment-confirmed",
        "patient-arrived",
        "numbing-started",
        "treatment-started",
        "session-completed",
    ]
    [fact] = house.facts("booking.session-completed")
    assert fact["performed_on"] == TOMORROW.isoformat()
    assert fact["version"] == 6


@pytest.mark.parametrize("quantity", [0, -1, 100_001, 2**63, 10**30])
async def test_a_slip_in_a_quantity_is_refused_at_its_field_and_no_fact_goes_out(
    move_in: MoveIn, quantity: int
) -> None:
    house = await move_in(BOOKING)
    visit, nurse = await _in_procedure(house)
    slip = {"item_id": str(new_id()), "quantity": quantity}

    refused = await act(nurse, visit, "complete", **a_record(products=[slip]))
    await house.settle()

    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["body.products.0.quantity"]
    assert house.facts("booking.session-completed") == []


async def test_the_fact_of_a_session_carries_what_was_used_and_nothing_clinical(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    visit, nurse = await _in_procedure(house)
    cartridge = {"item_id": str(new_id()), "lot_id": str(new_id()), "quantity": 1}

    await act(nurse, visit, "complete", **a_record(products=[cartridge], notes="a little red"))
    await house.settle()

    [fact] = house.facts("booking.session-completed")
    assert fact["consumption"] == [cartridge]
    assert "a little red" not in str(house.published)
    assert {"areas", "notes", "reaction_grade"}.isdisjoint(fact)


@pytest.mark.parametrize(("areas", "second"), [(("cheek", "nose"), False), (("cheek", "nose", "chin"), True)])
async def test_the_fact_of_a_session_says_whether_one_cartridge_lasted_but_not_for_what(
    move_in: MoveIn, areas: tuple[str, ...], *, second: bool
) -> None:
    house = await move_in(BOOKING)
    visit, nurse = await _in_procedure(house)
    treated = [{"area": area, "depth_hundredths_mm": 50, "passes": 2} for area in areas]

    await act(nurse, visit, "complete", **a_record(areas=treated))
    await house.settle()

    [fact] = house.facts("booking.session-completed")
    assert fact["second_cartridge"] is second
    assert "areas" not in fact


async def test_a_signed_record_is_read_back_as_it_was_written(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    visit, nurse = await _in_procedure(house)
    await act(nurse, visit, "complete", **a_record(notes="a little red"))

    record = (await nurse.get(f"/appointments/{visit['id']}/record")).json()

    assert record["areas"] == [{"area": "cheek", "depth_hundredths_mm": 100, "passes": 3, "override_reason": None}]
    assert record["notes"] == "a little red"
    assert record["device_id"] == visit["device_id"]
    assert record["device_serial"]
    assert record["signed_by"].startswith("staff:")


async def test_after_an_hour_the_needling_begins_only_once_the_cream_is_said_to_be_off(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, mary = await booking.open_for_business(house)
    visit = (await booking.book(booking.desk(house, clinic), clinic, mary, at("10:00"))).json()
    house.clock.advance(timedelta(hours=22))
    nurse = booking.clinician(house, clinic)
    for action in ("check-in", "numb"):
        await act(nurse, visit, action)
    house.clock.advance(timedelta(minutes=61))
    nurse = booking.clinician(house, clinic)

    refused = await act(nurse, visit, "start")
    begun = await act(nurse, visit, "start", cream_off=True)

    assert (refused.status_code, refused.json()["code"]) == (409, "cream_still_on")
    assert begun.status_code == 200
    assert begun.json()["numbing_off_at"] == begun.json()["started_at"]


async def test_a_cream_that_came_off_after_the_needling_began_is_not_signed(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    visit, nurse = await _in_procedure(house)
    began = datetime.fromisoformat(visit["started_at"])
    numbing = {"on_at": began.isoformat(), "off_at": (began + timedelta(minutes=2)).isoformat()}

    refused = await act(nurse, visit, "complete", **a_record(numbing=numbing))

    assert (refused.status_code, refused.json()["code"]) == (422, "record_times_not_valid")


async def test_a_record_is_read_by_who_treats_or_manages_there_and_is_not_there_for_others(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    visit, nurse = await _in_procedure(house)
    await act(nurse, visit, "complete", **a_record())
    here, elsewhere = UUID(visit["location_id"]), new_id()

    answers = {
        (role, at): await _read(house, role, visit, at=at)
        for role in ("practitioner", "manager", "owner")
        for at in (here, elsewhere)
    }

    assert {at for (_, at), status in answers.items() if status == 200} == {here}
    assert {status for (_, at), status in answers.items() if at == elsewhere} == {404}


@pytest.mark.parametrize("statement", ["UPDATE treatment_record SET notes = 'x'", "DELETE FROM treated_area"])
async def test_the_database_refuses_to_change_a_signed_record(move_in: MoveIn, statement: str) -> None:
    house = await move_in(BOOKING)
    visit, nurse = await _in_procedure(house)
    await act(nurse, visit, "complete", **a_record())

    with pytest.raises(DBAPIError, match="not changed"):
        async with booking.database(house).transaction() as tx:
            await tx.execute(text(statement))


async def _read(house: House, role: str, visit: dict[str, Any], *, at: UUID) -> int:
    reader = house.client("booking", a_member_of_staff(role, at=at))
    return (await reader.get(f"/appointments/{visit['id']}/record")).status_code


async def _in_procedure(house: House) -> tuple[dict[str, Any], httpx.AsyncClient]:
    clinic, mary = await booking.open_for_business(house)
    nurse = booking.clinician(house, clinic)
    visit = (await booking.book(nurse, clinic, mary, at("10:00"))).json()
    house.clock.advance(timedelta(hours=22))
    nurse = booking.clinician(house, clinic)
    await act(nurse, visit, "check-in")
    started = (await act(nurse, visit, "start")).json()
    house.clock.advance(timedelta(minutes=4))
    return started, nurse
