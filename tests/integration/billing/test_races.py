"""Two at once: the last session is used once, a sale and a booking meet, nobody pays more than is due."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from contracts.values import PatientId
from services.billing.settlements.usecases import settle_waiting
from tests.integration.conftest import MoveIn
from tests.support.billing import BILLING, PEN, Appointment, Billing, a_patient, card, cash, dollars, message
from tests.support.chain import Clinic
from tests.support.house import NOON

ROUNDS = 6


async def a_clinic(move_in: MoveIn) -> tuple[Billing, Clinic]:
    billing, clinic = Billing(await move_in(BILLING)), Clinic()
    await billing.opens(clinic)
    await billing.prices(clinic, dollars(599))
    return billing, clinic


async def a_registered(billing: Billing, clinic: Clinic) -> PatientId:
    patient = PatientId(uuid4())
    await billing.hears(a_patient(patient, clinic))
    return patient


@pytest.mark.fault("F27", dose="two sessions at once for the last unit of a package", holds="I6 I7")
async def test_two_completions_at_once_share_one_last_session_between_them(move_in: MoveIn) -> None:
    billing, clinic = await a_clinic(move_in)
    patient = await a_registered(billing, clinic)
    await billing.sells(patient, clinic, [cash(1500)])
    used = [Appointment(patient, clinic, starts_at=NOON + timedelta(days=day)) for day in (1, 2)]
    await billing.hears(*(visit.completed() for visit in used))
    last = [Appointment(patient, clinic, starts_at=NOON + timedelta(days=day)) for day in (3, 4)]

    await asyncio.gather(*(billing.hears(visit.completed()) for visit in last))

    settlements = await billing.settlements()
    assert sorted(settlements[visit.id] for visit in last) == ["invoiced", "redeemed"]
    assert await billing.units() == {"redeemed": 3}


async def test_a_sale_and_a_booking_at_once_always_find_each_other(move_in: MoveIn) -> None:
    billing, clinic = await a_clinic(move_in)
    for _ in range(ROUNDS):
        patient = await a_registered(billing, clinic)
        visit = Appointment(patient, clinic)

        await asyncio.gather(billing.sells(patient, clinic, [cash(1500)]), billing.hears(visit.booked()))

        assert visit.id in await billing.kept_for()


async def test_batches_of_the_same_patients_in_opposite_order_both_go_through(move_in: MoveIn) -> None:
    billing, clinic = await a_clinic(move_in)
    patients = [await a_registered(billing, clinic) for _ in range(12)]
    for _ in range(ROUNDS):
        there = [Appointment(patient, clinic).booked() for patient in patients]
        back = [Appointment(patient, clinic).completed() for patient in reversed(patients)]

        await asyncio.gather(
            billing.running.consumer.handle([message(fact) for fact in there]),
            billing.running.consumer.handle([message(fact) for fact in back]),
        )

    assert len(await billing.settlements()) == 12 * ROUNDS


async def test_the_timer_and_a_new_fact_settle_a_session_once(move_in: MoveIn) -> None:
    billing, clinic = Billing(await move_in(BILLING)), Clinic()
    await billing.opens(clinic)
    visits = [Appointment(PatientId(uuid4()), clinic) for _ in range(ROUNDS)]
    await billing.hears(*(visit.completed() for visit in visits))
    await billing.prices(clinic, dollars(599))

    async def settles() -> int:
        async with billing.db.transaction() as tx:
            return await settle_waiting(tx, [visit.id for visit in visits], at=NOON)

    assert sorted(await asyncio.gather(settles(), settles())) == [0, ROUNDS]
    assert await billing.balances(clinic.entity) == {"1100": 59_900 * ROUNDS, "4000": -59_900 * ROUNDS}


async def test_four_desks_paying_one_invoice_take_what_is_due_and_not_a_cent_more(move_in: MoveIn) -> None:
    billing, clinic = await a_clinic(move_in)
    visit = Appointment(PatientId(uuid4()), clinic)
    await billing.hears(visit.completed())
    (invoice,) = await billing.invoices()
    desk = billing.client("front_desk", at=clinic.id)

    async def pays() -> httpx.Response:
        body = {"method": "cash", "amount": {"minor": 20_000}}
        return await desk.post(f"/invoices/{invoice.id}/payments", json=body)

    answers = await asyncio.gather(*(pays() for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert (refused["code"], refused["due"]["minor"]) == ("more_than_due", 19_900)
    assert await billing.balances(clinic.entity) == {"1010": 40_000, "1100": 19_900, "4000": -59_900}


async def test_a_terminal_reference_counts_once_per_location_however_many_sell_with_it(move_in: MoveIn) -> None:
    billing, clinic = await a_clinic(move_in)
    patients = [await a_registered(billing, clinic) for _ in range(2)]
    desk = billing.client("front_desk", at=clinic.id)

    async def buys(patient: PatientId) -> httpx.Response:
        return await desk.post("/packages", json=a_sale(patient, clinic))

    answers = await asyncio.gather(*(buys(patient) for patient in patients))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert await billing.units() == {"available": 3}
    elsewhere = Clinic(code="elsewhere")
    await billing.opens(elsewhere)
    await billing.sells(patients[0], elsewhere, [card(1500, "T-1")])


async def test_a_sale_sent_again_with_its_key_is_sold_once(move_in: MoveIn) -> None:
    billing, clinic = await a_clinic(move_in)
    patient = await a_registered(billing, clinic)
    desk = billing.client("front_desk", at=clinic.id)
    key = {"idempotency-key": str(uuid4())}

    answers = await asyncio.gather(
        *(desk.post("/packages", json=a_sale(patient, clinic), headers=key) for _ in range(3))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await billing.units() == {"available": 3}


def a_sale(patient: PatientId, clinic: Clinic) -> dict[str, object]:
    price = {"minor": 150_000, "currency": "USD"}
    return {
        "patient_id": str(patient),
        "location_id": str(clinic.id),
        "treatment": PEN,
        "sessions": 3,
        "price": price,
        "payments": [{"method": "card_terminal", "amount": price, "reference": "T-1"}],
    }
