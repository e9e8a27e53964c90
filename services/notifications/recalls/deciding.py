"""When a patient should come again after a session (CL-22, CL-26, NT-27), whatever the order of the news."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID

from contracts.notifications import RecallReason
from services.notifications.messages.quiet_hours import on_the_wall
from services.notifications.visits.model import Visit

SERIES_DAYS = 35
"""The middle of the 28 to 42 days between two sessions of a series (CL-22), counted on the calendar (CL-23)."""
SOONEST_DAYS = 28
MAINTENANCE_DAYS = 168
"""A fortnight before half a year is over, so that there is time to book (CL-26, NT-27)."""
MORNING = time(10)


class Bought(Protocol):
    """A package, as far as it matters here."""

    id: UUID
    treatment: str
    sessions: int
    sold_at: datetime
    expires_on: date | None


class Used(Protocol):
    package_id: UUID
    appointment_id: UUID


@dataclass(frozen=True, slots=True)
class Decision:
    reason: RecallReason
    due_on: date
    due_at: datetime


def decide(visit: Visit, performed_on: date, *, remaining: int) -> Decision:
    """The next session of the series while the patient has any left, else a touch-up after half a year."""
    reason = RecallReason.SERIES if remaining > 0 else RecallReason.MAINTENANCE
    days = SERIES_DAYS if reason is RecallReason.SERIES else MAINTENANCE_DAYS
    due_on = performed_on + timedelta(days=days)
    return Decision(reason, due_on, on_the_wall(due_on, MORNING, visit.tz))


def remaining(visit: Visit, performed_on: date, packages: Iterable[Bought], redemptions: Collection[Used]) -> int:
    """Prepaid sessions of this treatment that are left after this visit.

    Billing settles the visit a moment after it happened. Until then the visit counts against what was bought before
    it, so that the decision is the same before and after that news.
    """
    soonest = performed_on + timedelta(days=SOONEST_DAYS)
    before = later = 0
    for package in packages:
        if package.treatment != visit.treatment or (package.expires_on and package.expires_on < soonest):
            continue
        left = package.sessions - sum(each.package_id == package.id for each in redemptions)
        if visit.completed_at and package.sold_at <= visit.completed_at:
            before += left
        else:
            later += left
    is_settled = any(each.appointment_id == visit.id for each in redemptions)
    return max(before - (not is_settled), 0) + later


def next_visit(visit: Visit, visits: Iterable[Visit]) -> UUID | None:
    """The earliest later visit at which something is needled, wherever it is (NT-28)."""
    later = [each for each in visits if each.starts_at > visit.starts_at and each.takes_place]
    return min(later, key=lambda each: (each.starts_at, each.id)).id if later else None
