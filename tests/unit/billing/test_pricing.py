"""Which price counts on a day, when to warn, what a package is suggested at (CL-96)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from contracts.values import Money
from services.billing.days import local_date, months_later
from services.billing.prices.pricing import in_force, is_unusual, offers


@dataclass(frozen=True)
class Dated:
    effective_on: date


def test_the_latest_price_that_has_begun_counts() -> None:
    spring, summer, winter = (Dated(date(2026, month, 1)) for month in (3, 6, 12))

    assert in_force([winter, spring, summer], date(2026, 6, 1)) == summer
    assert in_force([winter, spring, summer], date(2026, 5, 31)) == spring


def test_before_the_first_price_there_is_none() -> None:
    assert in_force([Dated(date(2026, 3, 1))], date(2026, 2, 28)) is None


@pytest.mark.parametrize(
    ("dollars", "unusual"), [(299, True), (300, False), (700, False), (701, True), (0, False), (1, True)]
)
def test_a_price_outside_of_300_to_700_is_unusual_but_free_is_on_purpose(dollars: int, *, unusual: bool) -> None:
    assert is_unusual(Money(minor=dollars * 100), low_minor=30_000, high_minor=70_000) is unusual


def test_an_offer_is_the_list_price_less_its_discount_rounded_half_up() -> None:
    three, six = offers(Money(minor=59_905), {6: 15, 3: 10})

    assert (three.sessions, three.regular.minor, three.price.minor) == (3, 179_715, 161_744)
    assert (six.sessions, six.regular.minor, six.price.minor) == (6, 359_430, 305_516)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 21), 18, date(2028, 5, 21)),
        (date(2026, 8, 31), 18, date(2028, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


def test_a_business_day_is_that_of_the_place() -> None:
    just_after_midnight = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)

    assert local_date(just_after_midnight, "America/New_York") == date(2026, 11, 21)
    assert local_date(just_after_midnight, "Europe/Berlin") == date(2026, 11, 22)
