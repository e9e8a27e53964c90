"""Which messages a visit wants in its present state, and when: the same state always wants the same messages.

Times are the bare ones. Whether a patient sleeps is read off their own clock, at the moment of sending (`judging`):
their zone is theirs to change, and the clinic's says nothing about it (NT-08, NT-10, NT-11).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.notifications import Template
from services.notifications.aftercare import series
from services.notifications.visits.model import CALLED_OFF, Visit

REMINDERS = {Template.REMINDER_72H: 72, Template.REMINDER_24H: 24}
"""Both together keep most appointments (NT-21, NT-22)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that is due at `send_at`; from `useful_until` on it would only confuse (NT-11)."""

    template: Template
    send_at: datetime
    useful_until: datetime


def wanted(visit: Visit) -> tuple[Wanted, ...]:
    """What this patient should be told about this visit, as it stands now."""
    if visit.completed_at is not None:
        return tuple(_aftercare(visit, visit.completed_at))
    if visit.is_upcoming:
        return (*_announcement(visit), *_reminders(visit))
    if visit.status in CALLED_OFF:
        return tuple(_cancellation(visit))
    return ()


def _announcement(visit: Visit) -> Iterator[Wanted]:
    """Agreed, or moved; nothing for a patient who stood at the desk, nothing for what another system announced."""
    if visit.told_at >= visit.starts_at or _is_as_imported(visit):
        return
    template = Template.BOOKING_MOVED if visit.sequence else Template.BOOKING_CONFIRMATION
    yield Wanted(template, visit.told_at, visit.starts_at)


def _reminders(visit: Visit) -> Iterator[Wanted]:
    """Those that still lay ahead when this time was agreed; the 72-hour one gives way to the 24-hour one."""
    for template, hours in REMINDERS.items():
        send_at = visit.starts_at - timedelta(hours=hours)
        if send_at > visit.told_at:
            lasts = 24 if template is Template.REMINDER_72H else 0
            yield Wanted(template, send_at, visit.starts_at - timedelta(hours=lasts))


def _cancellation(visit: Visit) -> Iterator[Wanted]:
    if visit.changed_at < visit.starts_at and not visit.imported:
        yield Wanted(Template.BOOKING_CANCELLED, visit.changed_at, visit.starts_at)


def _aftercare(visit: Visit, completed_at: datetime) -> Iterator[Wanted]:
    if visit.modality.needles:
        yield from (Wanted(*each) for each in series.times(completed_at, visit.tz))


def _is_as_imported(visit: Visit) -> bool:
    return visit.imported and visit.sequence == 0
