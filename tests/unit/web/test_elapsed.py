"""Dates and spans as people say them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from web.elapsed import ago, expiry, relative_day, until

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=-3), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=3, minutes=12), "3 h 12 min"),
        (timedelta(hours=14, minutes=12), "14 h"),
        (timedelta(days=1, hours=3), "1 day"),
        (timedelta(days=12), "12 days"),
    ],
)
def test_spans_are_as_exact_as_they_are_useful(span: timedelta, said: str) -> None:
    assert ago(span) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (28, "in 28 days"), (-5, "5 days ago"), (152, "in 5 months")],
)
def test_days_are_told_from_today(days: int, said: str) -> None:
    assert until(TODAY + timedelta(days=days), TODAY) == said


def test_a_lot_may_be_used_on_its_last_day_and_not_after() -> None:
    warnings = [expiry(TODAY + timedelta(days=days), TODAY) for days in (-1, 0, 1, 30, 31, 90, 91)]

    assert [each and (each.text, each.tone) for each in warnings] == [
        ("Expired", "bad"),
        ("Last day", "bad"),
        ("1 day left", "bad"),
        ("30 days left", "bad"),
        ("31 days left", "warn"),
        ("90 days left", "warn"),
        None,
    ]


def test_a_day_of_another_year_says_which() -> None:
    days = [
        datetime(2026, 11, 23, 9, tzinfo=UTC),
        datetime(2026, 11, 22, 9, tzinfo=UTC),
        datetime(2025, 1, 6, tzinfo=UTC),
    ]

    assert [relative_day(at, TODAY) for at in days] == ["Today", "Yesterday", "Monday, January 6, 2025"]
