"""Alert at 24 hours, escalate at 72 (IV-31)."""

from datetime import UTC, datetime, timedelta

import pytest

from services.inventory.discrepancies.urgency import Urgency, urgency
from services.inventory.usage.model import Discrepancy, DiscrepancyKind

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


def a_discrepancy(age: timedelta, **more: object) -> Discrepancy:
    return Discrepancy(**{"kind": DiscrepancyKind.SHORT, "opened_at": NOW - age, "closed_at": None, **more})


@pytest.mark.parametrize(
    ("age", "wanted"),
    [
        (timedelta(0), Urgency.NONE),
        (timedelta(hours=24, seconds=-1), Urgency.NONE),
        (timedelta(hours=24), Urgency.ALERT),
        (timedelta(hours=72, seconds=-1), Urgency.ALERT),
        (timedelta(hours=72), Urgency.ESCALATED),
        (timedelta(days=30), Urgency.ESCALATED),
    ],
)
@pytest.mark.parametrize("kind", [DiscrepancyKind.SHORT, DiscrepancyKind.UNKNOWN_LOT])
def test_what_its_delivery_closes_grows_urgent(kind: DiscrepancyKind, age: timedelta, wanted: Urgency) -> None:
    assert urgency(a_discrepancy(age, kind=kind), now=NOW) is wanted


def test_what_is_closed_and_what_a_manager_looks_into_anyway_do_not() -> None:
    closed = a_discrepancy(timedelta(days=9), closed_at=NOW)
    incident = a_discrepancy(timedelta(days=9), kind=DiscrepancyKind.EXPIRED_USED)

    assert {urgency(each, now=NOW) for each in (closed, incident)} == {Urgency.NONE}
