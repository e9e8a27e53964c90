"""Nobody is written to at night, by the clock on their own wall."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from services.notifications.messages.quiet_hours import (
    CLOSES_FOR_FIRST_AFTERCARE,
    allowed_from,
    next_day,
    on_the_wall,
)

NEW_YORK = ZoneInfo("America/New_York")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def at(day: int, hour: int, minute: int = 0, *, month: int = 11, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        (at(24, 7, 59), at(24, 8)),
        (at(24, 8), at(24, 8)),
        (at(24, 12, 30), at(24, 12, 30)),
        (at(24, 20), at(24, 20)),
        (at(24, 20, 1), at(25, 8)),
        (at(24, 23, 59), at(25, 8)),
        (at(25, 0, 1), at(25, 8)),
    ],
)
def test_outside_the_window_the_next_opening_is_taken(wanted: datetime, allowed: datetime) -> None:
    assert allowed_from(wanted, NEW_YORK) == allowed


def test_the_patient_s_own_zone_decides() -> None:
    nine_in_new_york = at(24, 9)

    assert allowed_from(nine_in_new_york, LOS_ANGELES) == at(24, 8, zone=LOS_ANGELES)


def test_a_night_in_which_the_clocks_change_ends_at_eight_on_the_wall() -> None:
    back = allowed_from(at(31, 22, month=10), NEW_YORK)
    forward = allowed_from(at(7, 22, month=3), NEW_YORK)

    assert (back - at(31, 22, month=10)).total_seconds() == 11 * 3600
    assert (forward - at(7, 22, month=3)).total_seconds() == 9 * 3600


def test_the_first_aftercare_message_may_come_until_nine() -> None:
    assert allowed_from(at(24, 21), NEW_YORK, closes=CLOSES_FOR_FIRST_AFTERCARE) == at(24, 21)
    assert allowed_from(at(24, 21, 1), NEW_YORK, closes=CLOSES_FOR_FIRST_AFTERCARE) == at(25, 8)


def test_the_next_day_begins_at_eight() -> None:
    assert next_day(at(24, 8), NEW_YORK) == at(25, 8)
    assert on_the_wall(date(2026, 11, 24), time(8), NEW_YORK) == at(24, 8)
