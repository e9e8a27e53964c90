"""Patients and visits of another system are taken over once, and history charges or tells nobody."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import func, select

from services.booking.appointments.model import Appointment
from services.booking.imports.visits import FIRST_OF_TWO
from services.booking.patients.model import Patient
from services.booking.schedule.model import Claim
from services.booking.schedule.usecases import lock
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.booking import BOOKING, TOMORROW, Clinic, at, days_after
from tests.support.house import House
from tests.support.tokens import a_member_of_staff

LAST_YEAR = days_after(TOMORROW, -300)


def manager(house: House, clinic: Clinic) -> httpx.AsyncClient:
    return house.client("booking", a_member_of_staff("manager", at=clinic.id))


def a_patient_row(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "external_id": f"P-{number}",
        "given_name": "Ann",
        "family_name": f"Import {number}",
        "home_location": "soho",
        **more,
    }


def a_visit_row(number: int = 1, *, patient: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "external_id": f"V-{number}",
        "patient": f"P-{patient}",
        "location": "soho",
        "treatment": "pen-face",
        "status": "completed",
        "local_start": at("10:07", LAST_YEAR).isoformat(),
        **more,
    }


async def send(
    client: httpx.AsyncClient, kind: str, *rows: dict[str, Any], **query: Any
) -> list[tuple[str, str | None]]:
    answer = await client.post(f"/imports/{kind}", json={"rows": list(rows)}, params=query)
    assert answer.status_code == 200, answer.text
    return [(row["outcome"], row["reason"]) for row in answer.json()["results"]]


async def count(house: House, table: Any) -> int:
    async with booking.database(house).reading() as tx:
        return int(await tx.scalar(select(func.count()).select_from(table)) or 0)


async def _with_patients(house: House, count: int = 1) -> tuple[Clinic, httpx.AsyncClient]:
    clinic, _ = await booking.open_for_business(house)
    client = manager(house, clinic)
    await send(client, "patients", *(a_patient_row(number) for number in range(1, count + 1)))
    return clinic, client


async def test_a_second_run_changes_nothing(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    _, client = await _with_patients(house)
    rows = [a_visit_row(1), a_visit_row(2, status="cancelled_by_patient"), a_visit_row(3, status="no_show")]
    first = await send(client, "appointments", *rows)
    await house.settle()
    facts = len(house.published)

    again = await send(client, "appointments", *rows)
    patients_again = await send(client, "patients", a_patient_row(1))
    await house.settle()

    assert {outcome for outcome, _ in first} == {"created"}
    assert {outcome for outcome, _ in again + patients_again} == {"unchanged"}
    assert await count(house, Appointment) == 3
    assert len(house.published) == facts


async def test_the_same_row_twice_in_one_batch_goes_in_once(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    _, client = await _with_patients(house)

    visits = await send(client, "appointments", a_visit_row(1), a_visit_row(1))
    patients = await send(client, "patients", a_patient_row(7), a_patient_row(7))

    assert [outcome for outcome, _ in visits] == ["created", "unchanged"]
    assert [outcome for outcome, _ in patients] == ["created", "unchanged"]


async def test_history_is_told_as_imported_whatever_became_of_it_and_occupies_nothing(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    _, client = await _with_patients(house)
    statuses = ["completed", "no_show", "late_cancel", "aborted_medical", "confirmed", "booked", "in_procedure"]

    await send(client, "appointments", *(a_visit_row(n, status=status) for n, status in enumerate(statuses)))
    await house.settle()

    types = {message.envelope.type for message in house.published if message.envelope.aggregate == "appointment"}
    assert types == {"booking.appointment-imported"}
    assert [fact["status"] for fact in house.facts("booking.appointment-imported")] == [
        *statuses[:4],
        "completed",
        "completed",
        "completed",
    ]
    assert await count(house, Claim) == 0


async def test_a_visit_to_come_is_booked_by_the_rules_and_a_taken_time_is_rejected(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, client = await _with_patients(house, 2)
    start = at("10:00").isoformat()
    rows = [
        a_visit_row(1, status="confirmed", local_start=start, practitioner="nurse 1"),
        a_visit_row(2, patient=2, status="booked", local_start=start, practitioner="N1"),
        a_visit_row(3, patient=2, status="booked", local_start=at("03:00").isoformat()),
    ]

    results = await send(client, "appointments", *rows)
    await house.settle()

    assert [outcome for outcome, _ in results] == ["created", "rejected", "rejected"]
    assert "taken" in str(results[1][1])
    assert "closed" in str(results[2][1])
    told = [message.envelope.type for message in house.published if message.envelope.aggregate == "appointment"]
    assert told == [f"booking.appointment-{step}" for step in ("imported", "booked", "confirmed")]
    day = (await client.get("/appointments", params={"location_id": str(clinic.id), "date": str(TOMORROW)})).json()
    assert [(visit["status"], visit["practitioner_name"]) for visit in day] == [("confirmed", "Nurse 1")]


async def test_a_rejected_row_can_be_mended_and_sent_again(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    _, client = await _with_patients(house)
    closed = a_visit_row(1, status="booked", local_start=at("03:00").isoformat())

    first = await send(client, "appointments", closed)
    second = await send(client, "appointments", {**closed, "local_start": at("13:00").isoformat()})

    assert [first[0][0], second[0][0]] == ["rejected", "created"]


async def test_each_bad_row_says_why_and_the_others_go_in(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    _, client = await _with_patients(house)

    visits = await send(
        client,
        "appointments",
        a_visit_row(1),
        a_visit_row(2, patient=99),
        a_visit_row(3, location="nowhere"),
        a_visit_row(4, treatment="leeches"),
        a_visit_row(5, local_start="2026-03-08T02:30:00"),
    )
    patients = await send(
        client,
        "patients",
        a_patient_row(2, email="not an address"),
        a_patient_row(3, phone="123"),
        a_patient_row(4, birth_date="2030-01-01"),
        a_patient_row(5, zone="Mars/Olympus"),
    )

    assert [outcome for outcome, _ in visits] == ["created", *["rejected"] * 4]
    assert ["patient" in str(visits[1][1]), "location" in str(visits[2][1]), "treatment" in str(visits[3][1])] == [
        True
    ] * 3
    assert "skip" in str(visits[4][1])
    assert {outcome for outcome, _ in patients} == {"rejected"}
    assert all(reason for _, reason in patients)


async def test_a_dry_run_says_the_same_and_keeps_nothing(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    _, client = await _with_patients(house)
    before = await count(house, Patient)
    rows = [a_visit_row(1), a_visit_row(2, status="booked", local_start=at("13:00").isoformat())]

    visits = await send(client, "appointments", *rows, dry_run=True)
    patients = await send(client, "patients", a_patient_row(50), dry_run=True)

    assert [outcome for outcome, _ in visits + patients] == ["created"] * 3
    assert (await count(house, Appointment), await count(house, Patient)) == (0, before)


async def test_a_dry_run_sees_that_two_of_its_rows_want_the_same_hour_of_the_same_person(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    _, client = await _with_patients(house, 3)
    start = at("13:00").isoformat()
    rows = [a_visit_row(n, patient=n, status="booked", local_start=start, practitioner="nurse 1") for n in (1, 2)]
    rows.append(a_visit_row(3, patient=3, status="booked", local_start=at("15:00").isoformat()))

    tried = await send(client, "appointments", *rows, dry_run=True)
    kept = await count(house, Appointment)
    done = await send(client, "appointments", *rows)

    assert [outcome for outcome, _ in tried] == ["created", "rejected", "created"]
    assert tried == done
    assert kept == 0


async def test_an_import_waits_for_nobody_at_another_location(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    _, client = await _with_patients(house)
    row = a_visit_row(status="booked", local_start=at("10:00").isoformat())
    async with booking.database(house).transaction() as tx:
        other = await booking.a_clinic(tx, code="noho")

    async with booking.database(house).transaction() as tx:
        await lock(tx, other.practitioners)
        tried = await send(client, "appointments", row, dry_run=True)
        kept = await send(client, "appointments", row)

    assert tried == kept == [("created", None)]


async def test_a_time_that_comes_twice_is_taken_as_the_first_and_that_is_said(move_in: MoveIn) -> None:
    """BK-03: history does not say which; an instant does, and is kept."""
    house = await move_in(BOOKING)
    _, client = await _with_patients(house)
    rows = [
        a_visit_row(1, local_start="2026-11-01T01:30:00"),
        a_visit_row(2, local_start=None, starts_at="2026-11-01T06:30:00Z"),
        a_visit_row(3, local_start="2026-11-01T03:30:00"),
    ]

    results = (await client.post("/imports/appointments", json={"rows": rows})).json()["results"]
    async with booking.database(house).reading() as tx:
        starts = (await tx.scalars(select(Appointment.starts_at).order_by(Appointment.starts_at))).all()

    assert [result["remark"] for result in results] == [FIRST_OF_TWO, None, None]
    assert [f"{start:%H:%M}" for start in starts] == ["05:30", "06:30", "08:30"]


async def test_someone_who_has_left_is_named_in_history_but_never_offered(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, client = await _with_patients(house)

    await send(
        client, "appointments", a_visit_row(1, practitioner="Vera Gone"), a_visit_row(2, practitioner="vera gone")
    )
    resources = (await client.get(f"/locations/{clinic.id}/resources")).json()
    day = (await client.get("/appointments", params={"location_id": str(clinic.id), "date": str(LAST_YEAR)})).json()

    assert [visit["practitioner_name"] for visit in day] == ["Vera Gone", "Vera Gone"]
    assert {person["name"] for person in resources["practitioners"]} == {"Nurse 1", "Nurse 2"}
    assert {room["name"] for room in resources["rooms"]} == {"Room 1", "Room 2", "Bay 1"}


async def test_an_imported_session_counts_for_the_interval(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, client = await _with_patients(house)
    recent = at("10:00", days_after(TOMORROW, -20)).isoformat()
    await send(client, "appointments", a_visit_row(1, local_start=recent))
    patient = (await client.get("/patients", params={"q": "import"})).json()["items"][0]

    refused = await booking.book(booking.desk(house, clinic), clinic, UUID(patient["id"]), at("10:00"))

    assert refused.status_code == 409
    assert refused.json()["code"] == "too_soon"


async def test_rows_of_a_foreign_location_are_rejected(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    clinic, _ = await _with_patients(house)
    async with booking.database(house).transaction() as tx:
        await booking.a_clinic(tx, code="boston")

    [result] = await send(manager(house, clinic), "patients", a_patient_row(9, home_location="boston"))

    assert result[0] == "rejected"


async def test_batches_that_overlap_at_the_same_time_make_one_of_each(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)
    _, client = await _with_patients(house, 3)
    rows = [a_visit_row(number, patient=1 + number % 3, practitioner="Vera Gone") for number in range(40)]

    results = await asyncio.gather(*(send(client, "appointments", *rows[part:], *rows[:part]) for part in (0, 10, 20)))

    assert sum(outcome == "created" for result in results for outcome, _ in result) == 40
    assert await count(house, Appointment) == 40
