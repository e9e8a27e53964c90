"""The closed table of what may follow what in the life of an appointment (BK-16); nothing else moves a status."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from contracts.booking import AppointmentStatus as Status

CANCELLED: Final = frozenset(
    {Status.CANCELLED_BY_PATIENT, Status.CANCELLED_BY_CLINIC, Status.LATE_CANCEL, Status.ABORTED_MEDICAL}
)
FREED: Final = CANCELLED | {Status.NO_SHOW}
"""In these nothing is occupied, and the visit counts for no interval unless its needling had begun."""
ENDED: Final = FREED | {Status.COMPLETED}
MOVABLE: Final = frozenset({Status.BOOKED, Status.CONFIRMED})

ALLOWED: Final[Mapping[Status, frozenset[Status]]] = {
    Status.BOOKED: frozenset({Status.CONFIRMED, Status.CHECKED_IN, Status.NO_SHOW}) | CANCELLED,
    Status.CONFIRMED: frozenset({Status.CHECKED_IN, Status.NO_SHOW}) | CANCELLED,
    Status.CHECKED_IN: frozenset({Status.NUMBING, Status.IN_PROCEDURE}) | CANCELLED,
    Status.NUMBING: frozenset({Status.IN_PROCEDURE}) | CANCELLED,
    Status.IN_PROCEDURE: frozenset({Status.COMPLETED, Status.ABORTED_MEDICAL}),
    Status.NO_SHOW: frozenset({Status.BOOKED, Status.CONFIRMED}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLED_BY_PATIENT: frozenset(),
    Status.CANCELLED_BY_CLINIC: frozenset(),
    Status.LATE_CANCEL: frozenset(),
    Status.ABORTED_MEDICAL: frozenset(),
}

NO_SHOW_AFTER: Final = timedelta(minutes=15)
REINSTATE_WITHIN: Final = timedelta(hours=24)
"""BK-17."""
LATE_CANCEL_BEFORE: Final = timedelta(hours=24)
"""BK-25, by the clock on the wall of the location."""


def next_actions(
    status: Status, *, starts_at: datetime, missed_at: datetime | None, numbs: bool, now: datetime
) -> Iterator[str]:
    """What may be done with a visit now, the usual next step first."""
    allowed = ALLOWED[status]
    if Status.CONFIRMED in allowed and status is Status.BOOKED:
        yield "confirm"
    if Status.CHECKED_IN in allowed:
        yield "check-in"
    if Status.NUMBING in allowed and numbs:
        yield "numb"
    if Status.IN_PROCEDURE in allowed:
        yield "start"
    if Status.COMPLETED in allowed:
        yield "complete"
    if status in MOVABLE:
        yield "move"
    if status is Status.NO_SHOW and missed_at is not None and now <= missed_at + REINSTATE_WITHIN:
        yield "reinstate"
    if allowed & CANCELLED:
        yield "cancel"
    if Status.NO_SHOW in allowed and now >= starts_at + NO_SHOW_AFTER:
        yield "no-show"
