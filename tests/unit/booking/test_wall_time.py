"""Wall time and instants: a gap is refused, a fold is asked for, everything else goes there and back (BK-01..03)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chassis.zones import UnknownZone
from services.booking.schedule.wall_time import (
    AmbiguousTime,
    NoSuchTime,
    day_span,
    instants,
    local_of,
    offset_of,
    resolve,
)

NEW_YORK = "America/New_York"
AWKWARD = (NEW_YORK, "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "Africa/Casablanca", "Europe/Berlin")
wall = datetime.fromisoformat
zones = some.sampled_from(AWKWARD)
moments = some.datetimes(wall("2020-01-01T00:00"), wall("2037-12-31T00:00"), timezones=some.just(UTC))
walls = some.datetimes(wall("2020-01-01T00:00"), wall("2037-12-31T00:00"))


@pytest.mark.fault("F14", dose="the hour that a spring day skips", holds="I5")
def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(NoSuchTime):
        resolve(wall("2027-03-14T02:30"), NEW_YORK)


def test_a_time_that_comes_twice_is_asked_for_with_both_instants() -> None:
    with pytest.raises(AmbiguousTime) as refusal:
        resolve(wall("2027-11-07T01:30"), NEW_YORK)

    assert [each["starts_at"] for each in refusal.value.fields["instants"]] == [
        "2027-11-07T05:30:00+00:00",
        "2027-11-07T06:30:00+00:00",
    ]
    assert [each["utc_offset"] for each in refusal.value.fields["instants"]] == ["-04:00", "-05:00"]


@pytest.mark.parametrize(("fold", "hour"), [(0, 5), (1, 6)])
def test_the_fold_says_which_of_two_is_meant(fold: int, hour: int) -> None:
    assert resolve(wall("2027-11-07T01:30"), NEW_YORK, fold) == datetime(2027, 11, 7, hour, 30, tzinfo=UTC)


def test_a_clock_that_moves_by_half_an_hour_has_a_gap_of_half_an_hour() -> None:
    assert instants(wall("2027-10-03T02:15"), "Australia/Lord_Howe") == ()
    assert len(instants(wall("2027-10-03T02:30"), "Australia/Lord_Howe")) == 1


def test_a_zone_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownZone):
        resolve(wall("2027-01-01T00:00"), "Mars/Olympus")


@given(moments, zones)
def test_every_instant_is_among_those_its_wall_time_stands_for(instant: datetime, zone: str) -> None:
    assert instant in instants(local_of(instant, zone), zone)


@given(walls, zones)
def test_a_wall_time_stands_for_at_most_two_instants_and_each_shows_it(shown: datetime, zone: str) -> None:
    found = instants(shown, zone)

    assert len(found) <= 2
    assert list(found) == sorted(found)
    assert all(local_of(each, zone) == shown for each in found)


@given(walls, zones, some.sampled_from([0, 1]))
def test_with_a_fold_only_a_gap_is_refused(shown: datetime, zone: str, fold: int) -> None:
    if instants(shown, zone):
        assert local_of(resolve(shown, zone, fold), zone) == shown
    else:
        with pytest.raises(NoSuchTime):
            resolve(shown, zone, fold)


@given(some.dates(date(2020, 1, 1), date(2037, 12, 30)), zones)
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: str) -> None:
    assert day_span(day, zone)[1] == day_span(day + timedelta(days=1), zone)[0]


@pytest.mark.fault("F14", dose="days of 23 and 25 hours", holds="I5 I13")
def test_the_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    lengths = [
        (last - first) for first, last in (day_span(date(2027, 3, 14), NEW_YORK), day_span(date(2027, 11, 7), NEW_YORK))
    ]

    assert lengths == [timedelta(hours=23), timedelta(hours=25)]


def test_the_offset_of_kathmandu_is_odd() -> None:
    assert offset_of(datetime(2027, 1, 1, tzinfo=UTC), "Asia/Kathmandu") == "+05:45"
