"""Money follows each completed session exactly once: redeemed, invoiced or free of charge."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from chassis import timers
from contracts.values import PatientId
from services.billing.ledger.model import Journal
from services.billing.packages.model import Terms
from tests.integration.conftest import MoveIn
from tests.support.billing import BILLING, PEN, Appointment, Billing, a_patient, card, cash, cents, dollars
from tests.support.chain import Clinic, a_treatment
from tests.support.house import NOON


async def a_clinic(move_in: MoveIn) -> tuple[Billing, Clinic, PatientId]:
    billing = Billing(await move_in(BILLING))
    clinic, patient = Clinic(), PatientId(uuid4())
    await billing.opens(clinic)
    await billing.hears(a_patient(patient, clinic))
    return billing, clinic, patient


async def test_a_package_sold_at_one_entity_and_used_at_another_is_the_worked_example(move_in: MoveIn) -> None:
    billing = Billing(await move_in(BILLING))
    a, b, patient = Clinic(code="a"), Clinic(code="b"), PatientId(uuid4())
    await billing.opens(a, b)
    await billing.hears(a_patient(patient, a))
    visit = Appointment(patient, b)

    await billing.sells(patient, a, [card(1000, "T-1"), cash(500)])
    await billing.hears(visit.booked())
    await billing.hears(visit.completed())

    assert await billing.settlements() == {visit.id: "redeemed"}
    assert await billing.balances(a.entity) == {"1010": 50_000, "1050": 100_000, "2300": -100_000, "2510": -50_000}
    assert await billing.balances(b.entity) == {"1510": 50_000, "4000": -50_000}


async def test_a_package_is_kept_at_booking_and_told_at_every_step(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    await billing.sells(patient, clinic, [cash(1500)])
    visit = Appointment(patient, clinic)

    for fact in (visit.booked(), visit.completed()):
        await billing.hears(fact)
    await billing.house.settle()

    told = [(message.envelope.type, message.envelope.aggregateversion) for message in billing.house.published]
    assert told == [
        ("billing.package-sold", 1),
        ("billing.payment-received", 1),
        ("billing.entitlement-reserved", 1),
        ("billing.session-redeemed", 2),
    ]
    redeemed = billing.house.facts("billing.session-redeemed")[0]
    assert (redeemed["amount"]["minor"], redeemed["remaining"]) == (50_000, 2)
    cause = billing.house.published[-1].envelope
    assert cause.causationid is not None
    assert cause.causationid == cause.correlationid


async def test_a_cancelled_and_a_missed_visit_give_their_sessions_back(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    await billing.sells(patient, clinic, [cash(1500)])
    cancelled, missed = Appointment(patient, clinic), Appointment(patient, clinic)
    await billing.hears(cancelled.booked(), missed.booked())
    assert await billing.units() == {"available": 1, "reserved": 2}

    await billing.hears(cancelled.cancelled())
    await billing.hears(missed.missed())

    assert await billing.units() == {"available": 3}


async def test_a_package_bought_after_the_booking_is_kept_for_it_at_once(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    visit = Appointment(patient, clinic)
    await billing.hears(visit.booked())

    await billing.sells(patient, clinic, [cash(1500)])

    assert await billing.kept_for() == {visit.id}


async def test_a_session_without_a_package_is_invoiced_at_the_price_of_its_day(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    await billing.prices(clinic, dollars(550), days_ago=100)
    await billing.prices(clinic, dollars(599), days_ago=10)
    old, new = (Appointment(patient, clinic, starts_at=NOON - timedelta(days=days)) for days in (11, 10))

    await billing.hears(old.booked(), new.booked(), old.completed(), new.completed())

    invoices = {invoice.appointment_id: invoice for invoice in await billing.invoices()}
    assert {each: invoices[each].total for each in invoices} == {old.id: 55_000, new.id: 59_900}
    assert await billing.balances(clinic.entity) == {"1100": 114_900, "4000": -114_900}


async def test_a_treatment_at_price_zero_is_waived_and_says_why(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    await billing.prices(clinic, dollars(0))
    visit = Appointment(patient, clinic)

    await billing.hears(visit.completed())
    await billing.house.settle()

    assert await billing.settlements() == {visit.id: "waived"}
    assert [fact["reason"] for fact in billing.house.facts("billing.session-waived")] == ["no_charge_treatment"]
    assert await billing.balances(clinic.entity) == {}


async def test_when_all_sessions_are_kept_for_other_visits_an_invoice_is_issued(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    await billing.prices(clinic, dollars(599))
    await billing.sells(patient, clinic, [cash(1500)])
    kept = [Appointment(patient, clinic, starts_at=NOON + timedelta(days=day)) for day in (1, 2, 3)]
    late = Appointment(patient, clinic, starts_at=NOON + timedelta(days=4))
    await billing.hears(*(visit.booked() for visit in (*kept, late)))

    await billing.hears(late.completed())

    assert await billing.settlements() == {late.id: "invoiced"}
    assert await billing.kept_for() == {visit.id for visit in kept}


@pytest.mark.parametrize("at_once", [1, 2])
async def test_a_walk_in_uses_the_last_session_however_the_news_of_it_come(move_in: MoveIn, at_once: int) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    await billing.prices(clinic, dollars(599))
    await billing.sells(patient, clinic, [cash(1500)])
    booked = [Appointment(patient, clinic, starts_at=NOON + timedelta(days=day)) for day in (30, 60, 90)]
    await billing.hears(*(visit.booked() for visit in booked))
    walk_in = Appointment(patient, clinic)
    news = [walk_in.booked(), walk_in.completed()]

    for batch in (news[:at_once], news[at_once:]):
        await billing.hears(*batch)

    assert await billing.settlements() == {walk_in.id: "redeemed"}
    assert await billing.kept_for() == {visit.id for visit in booked[:2]}


async def test_a_package_bought_late_pays_for_the_session_that_waits_before_it_is_kept_for_later_ones(
    move_in: MoveIn,
) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    waits = Appointment(patient, clinic)
    booked = [Appointment(patient, clinic, starts_at=NOON + timedelta(days=day)) for day in (30, 60, 90)]
    await billing.hears(waits.completed(), *(visit.booked() for visit in booked))
    assert await billing.settlements() == {}

    price = {"minor": 150_000, "currency": "USD"}
    sale = {"patient_id": str(patient), "location_id": str(clinic.id), "treatment": PEN, "sessions": 3, "price": price}
    paid = {"payments": [{"method": "cash", "amount": price}]}
    sold = await billing.client("front_desk", at=clinic.id).post("/packages", json=sale | paid)

    assert sold.status_code == 201
    assert await billing.settlements() == {waits.id: "redeemed"}
    assert await billing.kept_for() == {visit.id for visit in booked[:2]}


async def test_a_session_that_waits_for_a_price_is_paid_by_a_unit_that_becomes_free(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    await billing.sells(patient, clinic, [cash(1500)])
    booked = [Appointment(patient, clinic, starts_at=NOON + timedelta(days=day)) for day in (1, 2, 3)]
    waits = Appointment(patient, clinic, starts_at=NOON + timedelta(days=4))
    await billing.hears(*(visit.booked() for visit in booked), waits.completed())
    assert await billing.settlements() == {}

    await billing.hears(booked[0].cancelled())

    assert await billing.settlements() == {waits.id: "redeemed"}


async def test_the_business_day_is_that_of_the_clinic(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    late_evening = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
    visit = Appointment(patient, clinic, starts_at=late_evening)
    package = await billing.sells(patient, clinic, [cash(1500)], at=late_evening)

    await billing.hears(visit.completed())

    async with billing.db.reading() as tx:
        days = set(await tx.scalars(select(Journal.occurred_on)))
    assert days == {date(2026, 11, 24)}
    assert (package.sold_on, package.expires_on) == (date(2026, 11, 24), date(2028, 5, 24))


async def test_an_expired_package_pays_for_nothing_and_is_not_lost(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    await billing.prices(clinic, dollars(599))
    await billing.sells(patient, clinic, [cash(1500)], terms=Terms(months=1), at=NOON - timedelta(days=60))
    visit = Appointment(patient, clinic)

    await billing.hears(visit.booked(), visit.completed())

    assert await billing.settlements() == {visit.id: "invoiced"}
    assert await billing.units() == {"available": 3}


async def test_a_session_without_a_price_waits_and_the_timer_settles_it_once_there_is_one(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    visit = Appointment(patient, clinic)
    await billing.hears(visit.completed())
    (timer,) = billing.running.service.timers
    assert await billing.settlements() == {}
    assert await timers.run_once(billing.running.context, timer) == 0

    await billing.prices(clinic, dollars(599))

    assert await timers.run_once(billing.running.context, timer) == 1
    assert await timers.run_once(billing.running.context, timer) == 0
    assert await billing.settlements() == {visit.id: "invoiced"}


async def test_sessions_that_nothing_pays_for_do_not_keep_the_timer_from_those_with_a_price(
    move_in: MoveIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    monkeypatch.setattr("services.billing.timers.BATCH", 2)
    await billing.sells(patient, clinic, [cash(1500)], terms=Terms(months=1), at=NOON - timedelta(days=60))
    unpriced = [Appointment(patient, clinic, starts_at=NOON + timedelta(days=day)) for day in (1, 2)]
    priced = Appointment(patient, clinic, treatment="rf-face", starts_at=NOON + timedelta(days=3))
    await billing.hears(a_treatment("rf-face"), *(visit.completed() for visit in (*unpriced, priced)))
    await billing.prices(clinic, dollars(900), treatment="rf-face")
    (timer,) = billing.running.service.timers

    with capture_logs() as said:
        settled = await timers.run_once(billing.running.context, timer)

    assert settled == 1
    assert await billing.settlements() == {priced.id: "invoiced"}
    assert "session.unpriced" not in {each["event"] for each in said}


async def test_a_package_for_two_cents_redeems_its_free_session_without_moving_money(move_in: MoveIn) -> None:
    billing, clinic, patient = await a_clinic(move_in)
    package = await billing.sells(patient, clinic, [cents(2)])
    visits = [Appointment(patient, clinic, starts_at=NOON + timedelta(days=day)) for day in (1, 2, 3)]

    await billing.hears(*(visit.completed() for visit in visits))

    assert set((await billing.settlements()).values()) == {"redeemed"}
    assert await billing.balances(package.legal_entity_id) == {"1010": 2, "2300": 0, "4000": -2}
