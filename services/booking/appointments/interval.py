"""The least distance between two needling sessions, on local calendar dates (CL-22, CL-23)."""

from collections.abc import Iterable
from datetime import date, timedelta

from chassis.errors import Conflict

INTERVAL_DAYS_MIN = 28


class TooSoon(Conflict):
    """Skin needs 28 days between two needling sessions. Take a later day; a clinician may override this with a reason.

    `earliest` is the first day that is far enough from the others, `sessions` are those too close (CL-22).
    """


def must_keep_interval(wanted: date, sessions: Iterable[date]) -> None:
    """Raise `TooSoon` when a needling session on this day is too close to one before or after it."""
    earliest = earliest_day(wanted, sessions := sorted(sessions))
    if earliest != wanted:
        raise TooSoon(
            earliest=earliest.isoformat(),
            sessions=[each.isoformat() for each in sessions if abs(each - wanted).days < INTERVAL_DAYS_MIN],
        )


def earliest_day(wanted: date, sessions: Iterable[date]) -> date:
    """The first day from `wanted` on that keeps the interval to every session."""
    day = wanted
    for session in sorted(sessions):
        if abs(session - day).days < INTERVAL_DAYS_MIN:
            day = session + timedelta(days=INTERVAL_DAYS_MIN)
    return day
