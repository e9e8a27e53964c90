"""Opening hours and shifts: local rules with exceptions, expanded day by day (BK-02, BK-12)."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from services.booking.schedule.hours import AbsenceRule, Hours, ShiftRule, working
from services.booking.schedule.spans import Span, union, without

NEW_YORK = "America/New_York"
TUESDAY = date(2026, 11, 24)
NINE_TO_FIVE = ShiftRule(weekday=1, day=None, starts=540, ends=1020)


def utc(hour: int, minute: int = 0, day: date = TUESDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def test_an_exception_goes_before_the_week() -> None:
    hours = Hours({"tue": ("09:00", "18:00")}, {"2026-11-24": ("10:00", "12:00"), "2026-12-01": None})

    assert hours.on(TUESDAY) == ("10:00", "12:00")
    assert hours.on(date(2026, 12, 1)) is None
    assert hours.on(date(2026, 12, 8)) == ("09:00", "18:00")
    assert hours.on(date(2026, 12, 9)) is None


def test_the_same_local_hours_are_other_instants_in_winter_and_summer() -> None:
    hours = Hours({"tue": ("09:00", "18:00")}, {})

    assert hours.span(TUESDAY, NEW_YORK) == Span(utc(14), utc(23))
    july = date(2026, 7, 7)
    assert hours.span(july, NEW_YORK) == Span(utc(13, day=july), utc(22, day=july))


def test_a_weekly_shift_applies_on_its_weekday_between_its_days() -> None:
    rule = ShiftRule(weekday=1, day=None, starts=540, ends=1020, from_on=TUESDAY, until_on=date(2026, 12, 1))

    asked = [date(2026, 11, 17), TUESDAY, date(2026, 11, 25), date(2026, 12, 1), date(2026, 12, 8)]

    assert [rule.applies(day) for day in asked] == [False, True, False, True, False]


def test_shifts_that_touch_are_one_stretch_of_work() -> None:
    afternoon = ShiftRule(weekday=None, day=TUESDAY, starts=1020, ends=1200)

    assert working([NINE_TO_FIVE, afternoon], [], TUESDAY, NEW_YORK) == [Span(utc(14), utc(14) + timedelta(hours=11))]


def test_an_absence_cuts_a_hole_and_an_absence_without_times_takes_the_day() -> None:
    lunch = AbsenceRule(TUESDAY, 720, 780)

    assert working([NINE_TO_FIVE], [lunch], TUESDAY, NEW_YORK) == [Span(utc(14), utc(17)), Span(utc(18), utc(22))]
    assert working([NINE_TO_FIVE], [AbsenceRule(TUESDAY, None, None)], TUESDAY, NEW_YORK) == []


minutes = some.integers(0, 60)
some_spans = some.lists(
    some.tuples(minutes, minutes).map(
        lambda pair: Span(utc(0) + timedelta(minutes=min(pair)), utc(0) + timedelta(minutes=max(pair)))
    ),
    max_size=6,
)


def covered(spans: list[Span]) -> set[int]:
    return {each for each in range(60) for span in spans if span.starts <= utc(0, each) < span.ends}


@given(some_spans, some_spans)
def test_taking_time_out_leaves_exactly_the_rest(spans: list[Span], gone: list[Span]) -> None:
    left = without(spans, gone)

    assert covered(left) == covered(spans) - covered(gone)
    assert left == union(left)
