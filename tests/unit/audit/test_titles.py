"""Every kind of fact there is has plain words, and a service that listens to all of them."""

from typing import Any

import pytest

from contracts.catalog import CATALOG, heard_by
from services.audit.consumers import SUBSCRIPTIONS
from services.audit.timeline.titles import TITLES, title_of

TWO_LOTS = [{"lot_id": "a"}, {"lot_id": "b"}, {"lot_id": "b"}]


def test_audit_hears_every_fact_there_is() -> None:
    assert set(SUBSCRIPTIONS) == set(heard_by("audit")) == {entry.fact for entry in CATALOG}


@pytest.mark.parametrize("type_", [entry.fact.type for entry in CATALOG])
def test_every_fact_has_a_title(type_: str) -> None:
    assert type_ in TITLES


@pytest.mark.parametrize(
    ("type_", "details", "title"),
    [
        ("booking.session-completed", {}, "Session completed"),
        ("booking.appointment-cancelled", {"status": "late_cancel"}, "Appointment cancelled late"),
        ("billing.session-redeemed", {"remaining": 3}, "Package session redeemed, 3 left"),
        ("billing.invoice-issued", {"total": {"minor": 59900, "currency": "USD"}}, "Invoice issued: $599.00"),
        ("billing.invoice-issued", {"total": {"minor": 59900, "currency": "JPY"}}, "Invoice issued: ¥59,900"),
        ("inventory.stock-consumed", {"lines": []}, "No stock needed"),
        (
            "inventory.stock-consumed",
            {"lines": TWO_LOTS},
            "Stock consumed: 2 lots",
        ),
        (
            "notifications.message-suppressed",
            {"template": "reminder_24h", "reason": "no_contact"},
            "Message not sent: reminder, one day before (no contact)",
        ),
        ("notifications.aftercare-scheduled", {"messages": 0}, "No aftercare needed"),
        ("identity.grant-changed", {"active": False, "role": "front_desk"}, "Role taken: front desk"),
        ("future.thing-happened", {}, "future.thing-happened"),
    ],
)
def test_a_title_is_plain_words(type_: str, details: dict[str, Any], title: str) -> None:
    assert title_of(type_, details) == title
