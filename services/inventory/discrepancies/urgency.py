"""How long a shortage may be open before somebody is alerted, and before it goes to who manages (IV-31)."""

from datetime import datetime, timedelta
from enum import StrEnum

from services.inventory.usage.model import Discrepancy

ALERT_AFTER = timedelta(hours=24)
ESCALATE_AFTER = timedelta(hours=72)


class Urgency(StrEnum):
    """What an open discrepancy asks for."""

    NONE = "none"
    """Its delivery will mostly be typed in today."""
    ALERT = "alert"
    ESCALATED = "escalated"


def urgency(found: Discrepancy, *, now: datetime) -> Urgency:
    """Of what a delivery closes; an incident asks for a manager from the first minute, whatever its age (IV-33)."""
    if found.closed_at is not None or not found.kind.closes_by_receipt:
        return Urgency.NONE
    age = now - found.opened_at
    if age >= ESCALATE_AFTER:
        return Urgency.ESCALATED
    return Urgency.ALERT if age >= ALERT_AFTER else Urgency.NONE
