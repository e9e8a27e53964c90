"""Facts may come twice, late and in any order: the same money follows (I3, I6, I7, I9)."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from contracts.booking import AppointmentStatus
from contracts.envelope import Fact
from contracts.values import PatientId
from services.billing.invoices.model import Invoice
from services.billing.ledger.model import Entry
from services.billing.packages.model import Entitlement, Package, UnitState
from services.billing.settlements.model import Settlement, SettlementKind
from services.billing.visits.model import Visit
from tests.integration.conftest import MoveIn
from tests.support.billing import BILLING, Appointment, Billing, a_patient, cash, dollars
from tests.support.chain import Clinic, a_treatment
from tests.support.house import NOON


async def check_invariants(billing: Billing) -> None:
    """I6: settled once. I7: no unit lost or used twice. I8, I9: the books balance and owe what is unredeemed."""
    async with billing.db.reading() as tx:
        completed = set(await tx.scalars(select(Visit.id).where(Visit.performed_on.is_not(None))))
        settled = (await tx.scalars(select(Settlement))).all()
        units = (await tx.scalars(select(Entitlement))).all()
        remaining = (await tx.execute(select(Package.id, Package.remaining))).all()
        total = await tx.scalar(select(func.coalesce(func.sum(Entry.amount), 0)))
        deferred = await tx.scalar(select(func.coalesce(func.sum(Entry.amount), 0)).where(Entry.account == "2300"))
        revenue = await tx.scalar(select(func.coalesce(func.sum(Entry.amount), 0)).where(Entry.account == "4000"))
        invoiced = await tx.scalar(select(func.coalesce(func.sum(Invoice.total), 0)))
    assert {each.appointment_id for each in settled} == completed
    redeemed = [unit for unit in units if unit.state is UnitState.REDEEMED]
    by_package = [each.entitlement_id for each in settled if each.kind is SettlementKind.REDEEMED]
    assert sorted(by_package, key=str) == sorted((unit.id for unit in redeemed), key=str)
    for package_id, count in remaining:
        assert count == sum(u.package_id == package_id and u.state is not UnitState.REDEEMED for u in units)
    assert total == 0
    assert deferred == -sum(unit.amount for unit in units if unit.state is not UnitState.REDEEMED)
    assert revenue == -(invoiced or 0) - sum(unit.amount for unit in redeemed)


def a_story(patient: PatientId, clinic: Clinic) -> tuple[list[Appointment], list[Fact]]:
    """Three visits of one patient: one comes, one cancels, one is moved and will come."""
    visits = [Appointment(patient, clinic, starts_at=NOON + timedelta(days=day)) for day in (1, 2, 3)]
    comes, cancels, moves = visits
    told = [visit.booked() for visit in visits]
    told.append(cancels.becomes(AppointmentStatus.CONFIRMED))
    told.append(moves.moved(NOON + timedelta(days=9)))
    told.append(comes.becomes(AppointmentStatus.CHECKED_IN))
    told.append(cancels.cancelled())
    told.append(comes.becomes(AppointmentStatus.IN_PROCEDURE))
    told.append(comes.completed())
    return visits, [a_patient(patient, clinic), clinic.told(), *told]


def batches(facts: Sequence[Fact], dice: random.Random) -> Iterator[Sequence[Fact]]:
    rest = list(facts)
    while rest:
        size = dice.randint(1, 5)
        yield rest[:size]
        rest = rest[size:]


@pytest.mark.parametrize("seed", range(8))
async def test_every_fact_three_times_and_shuffled_ends_the_same(move_in: MoveIn, seed: int) -> None:
    billing, clinic, patient = Billing(await move_in(BILLING)), Clinic(), PatientId(uuid4())
    await billing.opens(clinic)
    await billing.hears(a_patient(patient, clinic))
    await billing.prices(clinic, dollars(599))
    await billing.sells(patient, clinic, [cash(1000)])
    (comes, _, moves), facts = a_story(patient, clinic)
    dice = random.Random(seed)
    shuffled = facts * 3
    dice.shuffle(shuffled)

    for batch in batches(shuffled, dice):
        await billing.hears(*batch)

    assert await billing.settlements() == {comes.id: "redeemed"}
    assert await billing.kept_for() == {moves.id}
    assert await billing.units() == {"redeemed": 1, "reserved": 1, "available": 1}
    await check_invariants(billing)


async def test_a_session_is_settled_once_even_if_the_inbox_has_forgotten_it(move_in: MoveIn) -> None:
    billing, clinic, patient = Billing(await move_in(BILLING)), Clinic(), PatientId(uuid4())
    await billing.opens(clinic)
    await billing.prices(clinic, dollars(599))
    visit = Appointment(patient, clinic)
    facts = [visit.booked(), visit.completed()]
    handlers = billing.running.consumer.handlers

    for fact in facts * 5:
        async with billing.db.transaction() as tx:
            await handlers[fact.type][1](tx, fact)

    assert await billing.settlements() == {visit.id: "invoiced"}
    assert await billing.balances(clinic.entity) == {"1100": 59_900, "4000": -59_900}


async def test_what_is_known_of_a_place_later_does_not_hold_back_the_money(move_in: MoveIn) -> None:
    billing, clinic, patient = Billing(await move_in(BILLING)), Clinic(), PatientId(uuid4())
    visit = Appointment(patient, clinic)

    await billing.hears(visit.completed(), visit.booked())
    await billing.hears(a_treatment(), clinic.told(version=2, name="New"), clinic.told(version=1, name="Old"))
    answer = await billing.client("finance").put("/prices", json=_price(clinic))

    assert answer.json()["settled"] == 1
    assert await billing.settlements() == {visit.id: "invoiced"}
    entities = (await billing.client("finance").get("/ledger/trial-balance")).json()["legal_entities"]
    assert [entity["name"] for entity in entities] == ["New LLC"]


def _price(clinic: Clinic) -> dict[str, object]:
    return {
        "treatment": "pen-face",
        "location_id": str(clinic.id),
        "price": {"minor": 59_900, "currency": "USD"},
        "effective_on": "2026-01-01",
    }


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("book"), st.integers(1, 40)),
        st.tuples(st.just("sell"), st.sampled_from([3, 4, 6])),
        st.tuples(st.sampled_from(["cancel", "move", "miss", "complete"]), st.integers(0, 9)),
    ),
    max_size=14,
)


class Life:
    """One patient's appointments and purchases, told to billing late, twice and out of order."""

    def __init__(self, billing: Billing, dice: random.Random) -> None:
        self.billing, self.dice = billing, dice
        self.here, self.there = Clinic(), Clinic(code="there")
        self.patient = PatientId(UUID(int=dice.getrandbits(128)))
        self.open: list[Appointment] = []
        self.untold: list[Fact] = []

    async def begins(self) -> None:
        await self.billing.opens(self.here, self.there)
        await self.billing.hears(a_patient(self.patient, self.here))
        await self.billing.prices(self.here, dollars(599))
        await self.billing.prices(self.there, dollars(0))

    async def goes_on(self, what: str, number: int) -> None:
        if what == "sell":
            await self.billing.sells(self.patient, self.here, [cash(1000)], sessions=number)
        elif what == "book":
            clinic = self.dice.choice([self.here, self.there])
            self.open.append(Appointment(self.patient, clinic, starts_at=NOON + timedelta(days=number)))
            self.untold.append(self.open[-1].booked())
        elif self.open:
            self.untold.append(self._happens(what, self.open[number % len(self.open)]))
        await self._tell(self.dice.randint(0, len(self.untold)))

    async def ends(self) -> None:
        await self._tell(len(self.untold))

    def _happens(self, what: str, visit: Appointment) -> Fact:
        if what == "move":
            return visit.moved(visit.starts_at + timedelta(days=1))
        self.open.remove(visit)
        return {"cancel": visit.cancelled, "miss": visit.missed, "complete": visit.completed}[what]()

    async def _tell(self, count: int) -> None:
        self.dice.shuffle(self.untold)
        told, self.untold = self.untold[:count], self.untold[count:]
        await self.billing.hears(*told, *told[:2])


@pytest.fixture
async def billing(move_in: MoveIn) -> Billing:
    """One house for all examples of a property: every life has clinics and a patient of its own."""
    return Billing(await move_in(BILLING))


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, dice=st.randoms(use_true_random=False))
async def test_whatever_happens_in_whatever_order_no_money_is_lost(
    billing: Billing, steps: list[tuple[str, int]], dice: random.Random
) -> None:
    life = Life(billing, dice)
    await life.begins()

    for what, number in steps:
        await life.goes_on(what, number)
    await life.ends()

    await check_invariants(billing)
