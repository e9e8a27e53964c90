"""Money follows each completed session exactly once: redeemed, invoiced or free of charge."""

from uuid import uuid4

from contracts.values import PatientId
from tests.integration.conftest import MoveIn
from tests.support.billing import BILLING, Appointment, Billing, Clinic, a_patient, card, cash, dollars


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
    assert await billing.balances(a.entity) == {
        "1010": 50_000,
        "1050": 100_000,
        "2300": -100_000,
        "2510": -50_000,
    }
    assert await billing.balances(b.entity) == {"1510": 50_000, "4000": -50_000}
