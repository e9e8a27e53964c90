"""The demo story is the same for the same seed and day, and it keeps the rules that the services hold."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from embedded.demo import diary, happenings
from embedded.demo.diary import Extent, Fate
from embedded.demo.happenings import What
from embedded.demo.people import INTERVAL_DAYS
from embedded.demo.stage import CLINICS, MIDTOWN

EXTENT = Extent()
SATURDAY_NIGHT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SUNDAY_NOON = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
CLOCKS_CHANGE = datetime(2027, 3, 15, 15, 0, tzinfo=UTC)
MOMENTS = pytest.mark.parametrize("now", [SATURDAY_NIGHT, SUNDAY_NOON, MONDAY, CLOCKS_CHANGE])


def test_the_same_seed_and_day_tell_the_same_story() -> None:
    assert diary.write(1, MONDAY, EXTENT) == diary.write(1, MONDAY, EXTENT)
    assert diary.write(1, MONDAY, EXTENT) == diary.write(1, MONDAY + timedelta(hours=3), EXTENT)
    assert diary.write(2, MONDAY, EXTENT) != diary.write(1, MONDAY, EXTENT)


@MOMENTS
def test_nobody_and_nothing_is_in_two_places_at_once(now: datetime) -> None:
    spans: dict[object, list[tuple[datetime, datetime]]] = defaultdict(list)
    for visit in diary.write(1, now, EXTENT).visits:
        work = visit.starts_at + timedelta(minutes=visit.slot.treatment.before)
        spans["practitioner", visit.slot.practitioner.name].append((work, visit.leaves_at))
        clean = visit.leaves_at + timedelta(minutes=visit.slot.treatment.cleaning)
        spans["room", visit.slot.clinic.code, visit.slot.room].append((work, clean))
        spans["patient", visit.person.number].append((visit.starts_at, visit.leaves_at))

    for taken in spans.values():
        assert all(first[1] <= second[0] for first, second in pairwise(sorted(taken)))


@MOMENTS
def test_needlings_of_one_patient_are_four_weeks_apart(now: datetime) -> None:
    days: dict[int, list[datetime]] = defaultdict(list)
    for visit in diary.write(1, now, EXTENT).visits:
        if visit.slot.treatment.needles:
            days[visit.person.number].append(visit.slot.local_start)

    gaps = [(second.date() - first.date()).days for each in days.values() for first, second in pairwise(sorted(each))]
    assert min(gaps) >= INTERVAL_DAYS


@MOMENTS
def test_every_visit_is_within_hours_and_booked_before_it_begins(now: datetime) -> None:
    for visit in diary.write(1, now, EXTENT).visits:
        hours = visit.slot.clinic.open_on(visit.slot.day)
        assert hours is not None
        assert hours[0] <= visit.slot.local_start.time()
        assert (visit.slot.local_start + timedelta(minutes=visit.slot.treatment.patient_minutes)).time() <= hours[1]
        assert visit.booked_at < visit.starts_at
        assert visit.booked_at < now


@MOMENTS
def test_the_largest_clinic_is_busy_on_the_day_it_is_opened(now: datetime) -> None:
    visits = diary.write(1, now, EXTENT).visits
    today = now.astimezone(visits[0].starts_at.tzinfo).date()

    counts = Counter((visit.slot.clinic.code, visit.slot.day) for visit in visits)

    assert counts[MIDTOWN.code, today] >= 25
    assert max(counts.values()) >= 38
    assert {clinic.code for clinic in CLINICS} == {code for code, _ in counts}


def test_happenings_of_a_visit_come_in_the_order_of_its_life() -> None:
    story = diary.write(1, MONDAY, EXTENT)
    by_visit: dict[int, list[happenings.Happening]] = defaultdict(list)
    for each in happenings.until(story, MONDAY, 1):
        by_visit[each.visit.number].append(each)

    for happened in by_visit.values():
        assert [each.what for each in happened] == sorted(each.what for each in happened)
        assert happened[-1].at <= MONDAY


def test_what_is_over_has_ended_one_way_or_another() -> None:
    story = diary.write(1, MONDAY, EXTENT)
    ends = {each.visit.number: each.what for each in happenings.until(story, MONDAY, 1)}

    over = [visit for visit in story.visits if visit.leaves_at < MONDAY - timedelta(hours=1)]

    assert {ends[visit.number] for visit in over} == {What.COMPLETE, What.MISS, What.CANCEL}
    assert Counter(visit.fate for visit in over)[Fate.COMPLETED] > 0.75 * len(over)


def test_people_have_addresses_that_reach_nobody() -> None:
    people = diary.write(1, MONDAY, EXTENT).people

    assert 300 < len(people) < 900
    assert all(person.email is None or person.email.endswith("@example.com") for person in people)
    assert all("55501" in person.phone for person in people)
    assert len({(person.given_name, person.family_name) for person in people}) == len(people)
