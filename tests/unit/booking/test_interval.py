"""28 days between needling sessions, counted on the calendar (CL-22, CL-23)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.booking.appointments.interval import TooSoon, earliest_day, must_keep_interval

FIRST = date(2026, 10, 20)
days = some.dates(date(2026, 1, 1), date(2027, 12, 31))


def test_day_27_is_too_soon_and_day_28_is_not_also_across_the_change_of_the_clocks() -> None:
    must_keep_interval(FIRST + timedelta(days=28), [FIRST])

    with pytest.raises(TooSoon) as refusal:
        must_keep_interval(FIRST + timedelta(days=27), [FIRST])

    assert refusal.value.fields["earliest"] == "2026-11-17"


def test_a_session_that_is_booked_later_counts_as_well() -> None:
    with pytest.raises(TooSoon) as refusal:
        must_keep_interval(FIRST, [FIRST + timedelta(days=10)])

    assert refusal.value.fields["earliest"] == (FIRST + timedelta(days=38)).isoformat()


@given(days, some.lists(days, max_size=8))
def test_the_earliest_day_keeps_the_interval_and_no_earlier_one_does(wanted: date, sessions: list[date]) -> None:
    def keeps(day: date) -> bool:
        return all(abs((day - session).days) >= 28 for session in sessions)

    earliest = earliest_day(wanted, sessions)

    assert keeps(earliest)
    between = (wanted + timedelta(days=each) for each in range((earliest - wanted).days))
    assert not any(keeps(day) for day in between)
