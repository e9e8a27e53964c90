"""Which prepaid session pays for which visit: the package that expires first, then the oldest (BK-23, FN-10)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import uuid4

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from contracts.billing import EntitlementFact, EntitlementReleased, EntitlementReserved, SessionRedeemed
from contracts.booking import AppointmentStatus
from contracts.values import AppointmentId, LegalEntityId, LocationId, PackageId, PatientId
from services.billing.packages.model import Entitlement, Package, UnitState
from services.billing.packages.wallet import Wallet
from services.billing.visits.model import Visit
from tests.support.billing import PEN
from tests.support.chain import NEW_YORK
from tests.support.house import NOON

PATIENT, PLACE, ENTITY = PatientId(uuid4()), LocationId(uuid4()), LegalEntityId(uuid4())


def a_package(
    *, price: int = 150_000, sessions: int = 3, expires_on: date | None = None, sold_at: datetime = NOON
) -> Package:
    package = Package(
        id=PackageId(uuid4()),
        patient_id=PATIENT,
        location_id=PLACE,
        legal_entity_id=ENTITY,
        zone=NEW_YORK,
        treatment=PEN,
        sessions=sessions,
        price=price,
        currency="USD",
        terms_version="1",
        sold_at=sold_at,
        sold_on=sold_at.date(),
        expires_on=expires_on,
    )
    package.sell()
    return package


def a_visit(*, days: int = 1, treatment: str = PEN) -> Visit:
    return Visit(
        id=AppointmentId(uuid4()),
        version=1,
        patient_id=PATIENT,
        location_id=PLACE,
        legal_entity_id=ENTITY,
        treatment=treatment,
        status=AppointmentStatus.BOOKED,
        starts_at=NOON + timedelta(days=days),
        zone=NEW_YORK,
    )


def complete(visit: Visit) -> Visit:
    visit.status, visit.completed_at = AppointmentStatus.COMPLETED, visit.starts_at
    visit.performed_on = visit.starts_at.date()
    return visit


def arrange(wallet: Wallet, visits: Iterable[Visit]) -> list[EntitlementFact]:
    return list(wallet.arrange(visits, at=NOON))


def redeem(wallet: Wallet, visit: Visit) -> tuple[Entitlement, SessionRedeemed] | None:
    """What follows a completed visit that nobody else competes with."""
    arrange(wallet, [visit])
    return wallet.redeem(visit, at=NOON)


def kept(package: Package) -> list[AppointmentId | None]:
    return [unit.appointment_id for unit in package.in_state(UnitState.RESERVED)]


def test_a_thousand_dollars_over_three_sessions_leave_no_cent_behind() -> None:
    package = a_package(price=100_000)

    amounts = [unit.amount for unit in package.units]
    for _ in range(3):
        assert redeem(Wallet([package]), complete(a_visit()))

    assert amounts == [33_334, 33_333, 33_333]
    assert package.remaining == 0
    assert redeem(Wallet([package]), complete(a_visit())) is None


def test_the_package_that_expires_first_is_used_first_then_the_oldest() -> None:
    forever, old, new, soon = (
        a_package(),
        a_package(expires_on=date(2027, 6, 1), sold_at=NOON - timedelta(days=30)),
        a_package(expires_on=date(2027, 6, 1)),
        a_package(expires_on=date(2027, 1, 1)),
    )

    wallet = Wallet([forever, new, old, soon])

    assert wallet.packages == [soon, old, new, forever]


def test_never_more_visits_are_served_than_there_are_sessions_and_the_first_to_come_are() -> None:
    package, visits = a_package(), [a_visit(days=day) for day in (4, 1, 3, 2)]

    facts = arrange(Wallet([package]), visits)

    assert {type(fact) for fact in facts} == {EntitlementReserved}
    assert set(kept(package)) == {visit.id for visit in visits[1:]}
    assert package.remaining == 3


def test_what_is_arranged_already_stays_as_it_is() -> None:
    package, visits = a_package(), [a_visit(days=day) for day in (1, 2)]
    arrange(Wallet([package]), visits)

    assert arrange(Wallet([package]), visits) == []


def test_a_cancelled_visit_lets_go_of_its_session_and_the_next_in_line_gets_it() -> None:
    package, visits = a_package(), [a_visit(days=day) for day in (1, 2, 3, 4)]
    arrange(Wallet([package]), visits)
    visits[1].status = AppointmentStatus.CANCELLED_BY_PATIENT

    facts = arrange(Wallet([package]), visits)

    assert [(type(fact), fact.appointment_id) for fact in facts] == [
        (EntitlementReleased, visits[1].id),
        (EntitlementReserved, visits[3].id),
    ]
    assert [fact.version for fact in facts] == [2, 3]


def test_a_visit_after_the_expiry_is_not_served_and_one_on_the_last_day_is() -> None:
    package = a_package(expires_on=(NOON + timedelta(days=10)).date())
    last_day, too_late = a_visit(days=10), a_visit(days=11)

    arrange(Wallet([package]), [last_day, too_late])

    assert kept(package) == [last_day.id]


def test_a_visit_that_moves_behind_the_expiry_loses_its_session() -> None:
    package, visit = a_package(expires_on=(NOON + timedelta(days=10)).date()), a_visit(days=9)
    arrange(Wallet([package]), [visit])
    visit.starts_at += timedelta(days=2)

    facts = arrange(Wallet([package]), [visit])

    assert [type(fact) for fact in facts] == [EntitlementReleased]


def test_another_treatment_is_not_paid_from_the_package() -> None:
    package, visit = a_package(), a_visit(treatment="rf-face")

    assert arrange(Wallet([package]), [visit]) == []
    assert redeem(Wallet([package]), complete(visit)) is None


def test_a_completed_visit_uses_what_was_kept_for_it_and_never_what_is_kept_for_an_earlier_one() -> None:
    package, visits = a_package(), [a_visit(days=day) for day in (1, 2, 3, 4)]
    arrange(Wallet([package]), visits)
    for visit in visits[2:]:
        complete(visit)

    facts = arrange(Wallet([package]), visits)

    assert facts == []
    redeemed = Wallet([package]).redeem(visits[2], at=NOON)
    assert redeemed is not None
    assert redeemed[0].appointment_id == visits[2].id
    assert redeemed[1].remaining == 2
    assert Wallet([package]).redeem(visits[3], at=NOON) is None


def test_a_completed_visit_goes_before_one_that_is_still_to_come() -> None:
    package, visits = a_package(), [a_visit(days=day) for day in (2, 3, 4)]
    arrange(Wallet([package]), visits)
    walk_in = complete(a_visit(days=1))

    facts = arrange(Wallet([package]), [*visits, walk_in])

    assert [(type(fact), fact.appointment_id) for fact in facts] == [
        (EntitlementReleased, visits[2].id),
        (EntitlementReserved, walk_in.id),
    ]


def test_a_visit_that_ends_after_midnight_of_the_last_day_is_paid_by_the_package_it_began_with() -> None:
    package, visit = a_package(expires_on=(NOON + timedelta(days=10)).date()), complete(a_visit(days=10))
    visit.completed_at = visit.starts_at + timedelta(days=1)

    assert redeem(Wallet([package]), visit)


class PatientsWallet(RuleBasedStateMachine):
    """Whatever a patient does, sessions are neither lost nor used twice (I7)."""

    visits: Bundle[Visit] = Bundle("visits")

    def __init__(self) -> None:
        super().__init__()
        self.packages: list[Package] = []
        self.known: list[Visit] = []
        self.paid: set[AppointmentId] = set()

    @rule(sessions=st.sampled_from([3, 4, 6]), price=st.integers(1, 500_000), days=st.none() | st.integers(1, 30))
    def buy(self, sessions: int, price: int, days: int | None) -> None:
        expires_on = None if days is None else (NOON + timedelta(days=days)).date()
        self.packages.append(a_package(price=price, sessions=sessions, expires_on=expires_on))
        self._arrange()

    @rule(target=visits, days=st.integers(1, 40))
    def book(self, days: int) -> Visit:
        visit = a_visit(days=days)
        self.known.append(visit)
        self._arrange()
        return visit

    @rule(visit=visits, days=st.integers(1, 40))
    def move(self, visit: Visit, days: int) -> None:
        if visit.is_open:
            visit.starts_at = NOON + timedelta(days=days)
            self._arrange()

    @rule(visit=visits)
    def cancel(self, visit: Visit) -> None:
        if visit.is_open:
            visit.status = AppointmentStatus.CANCELLED_BY_PATIENT
            self._arrange()

    @rule(visit=visits)
    def come(self, visit: Visit) -> None:
        if visit.is_open:
            was_kept = visit.id in {each for package in self.packages for each in kept(package)}
            complete(visit)
            self._arrange()
            assert bool(Wallet(self.packages).redeem(visit, at=NOON)) is was_kept
            visit.settled_at = NOON
            if was_kept:
                self.paid.add(visit.id)
            self._arrange()

    def _arrange(self) -> None:
        arrange(Wallet(self.packages), self.known)

    @invariant()
    def nothing_is_lost(self) -> None:
        for package in self.packages:
            redeemed = package.in_state(UnitState.REDEEMED)
            assert package.remaining + len(redeemed) == package.sessions
            assert sum(unit.amount for unit in package.units) == package.price

    @invariant()
    def nothing_is_used_twice(self) -> None:
        held = [unit.appointment_id for package in self.packages for unit in package.units if unit.appointment_id]
        assert len(held) == len(set(held))
        redeemed = [unit for package in self.packages for unit in package.in_state(UnitState.REDEEMED)]
        assert {unit.appointment_id for unit in redeemed} == self.paid

    @invariant()
    def no_session_is_kept_for_a_visit_that_is_over_nor_idle_while_one_waits(self) -> None:
        still_open = {visit.id for visit in self.known if visit.is_open}
        served = {each for package in self.packages for each in kept(package)}
        assert served <= still_open
        for visit in self.known:
            if visit.is_open and visit.id not in served:
                free = [package for package in self.packages if package.in_state(UnitState.AVAILABLE)]
                assert not any(package.covers(visit.treatment, visit.starts_at) for package in free)


TestPatientsWallet = PatientsWallet.TestCase
TestPatientsWallet.settings = hypothesis_settings(max_examples=60, stateful_step_count=30, deadline=None)
