"""When somebody should come again."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.booking import AppointmentCancelled, AppointmentStatus
from contracts.notifications import RecallReason
from contracts.values import Modality
from services.notifications.recalls.deciding import decide, next_visit, remaining
from services.notifications.recalls.model import Package, Redemption
from services.notifications.visits.model import Visit
from tests.support.house import NOON
from tests.support.notifications import a_booking, completed, then

DONE = completed(a_booking())
VISIT = Visit.first_heard(DONE)


def a_bought(sessions: int, **changes: Any) -> Package:
    bought: dict[str, Any] = {"treatment": "pen-face", "sold_at": NOON, "expires_on": None}
    return Package(id=UUID(int=sessions), sessions=sessions, **bought | changes)


def a_used(package: Package, appointment_id: UUID) -> Redemption:
    return Redemption(entitlement_id=UUID(int=1), package_id=package.id, appointment_id=appointment_id)


def left(*packages: Package, used: tuple[Redemption, ...] = ()) -> int:
    return remaining(VISIT, DONE.performed_on, packages, used)


def test_with_sessions_left_the_next_is_due_after_five_weeks_on_the_calendar() -> None:
    decision = decide(VISIT, date(2026, 10, 1), remaining=2)

    assert (decision.reason, decision.due_on) == (RecallReason.SERIES, date(2026, 11, 5))
    assert decision.due_at.isoformat() == "2026-11-05T15:00:00+00:00"


def test_without_any_left_a_touch_up_is_due_after_nearly_half_a_year() -> None:
    decision = decide(VISIT, date(2026, 12, 3), remaining=0)

    assert (decision.reason, decision.due_on) == (RecallReason.MAINTENANCE, date(2027, 5, 20))


def test_the_visit_itself_counts_as_used_before_and_after_billing_says_so() -> None:
    package = a_bought(3)

    assert left(package) == left(package, used=(a_used(package, DONE.appointment_id),)) == 2


def test_the_last_session_of_a_package_leaves_nothing() -> None:
    assert left(a_bought(1)) == 0


def test_a_package_bought_at_the_way_out_is_whole() -> None:
    assert left(a_bought(3, sold_at=DONE.completed_at + timedelta(minutes=5))) == 3


def test_other_treatments_and_what_expires_before_the_next_visit_do_not_count() -> None:
    next_month = DONE.performed_on + timedelta(days=27)

    assert left(a_bought(3, treatment="rf-face"), a_bought(4, expires_on=next_month)) == 0
    assert left(a_bought(4, expires_on=next_month + timedelta(days=1))) == 3


def test_the_earliest_later_visit_answers_a_recall() -> None:
    later = a_booking(starts_at=DONE.starts_at + timedelta(days=40))
    sooner = a_booking(starts_at=DONE.starts_at + timedelta(days=30))

    visits = [VISIT, Visit.first_heard(later), Visit.first_heard(sooner)]

    assert next_visit(VISIT, visits) == sooner.appointment_id


def test_earlier_cancelled_and_needleless_visits_answer_nothing() -> None:
    later = DONE.starts_at + timedelta(days=30)
    earlier = a_booking(starts_at=DONE.starts_at - timedelta(days=1))
    cancelled = then(a_booking(starts_at=later), AppointmentCancelled, AppointmentStatus.CANCELLED_BY_PATIENT, at=NOON)
    talk = a_booking(starts_at=later, modality=Modality.NONE)

    assert next_visit(VISIT, [VISIT, *map(Visit.first_heard, (earlier, cancelled, talk))]) is None
