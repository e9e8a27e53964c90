from datetime import date, datetime

import pytest

from tests.support.web import a_place, a_slot, at
from web import times

CLOCKS_BACK = date(2026, 11, 1)


def test_free_times_are_listed_by_part_of_the_day() -> None:
    place = a_place()
    slots = [a_slot(at(hour), place) for hour in (17, 9, 13)]

    listed = times.offered(slots, place, wanted=None)

    assert [part for part, _ in listed.groups] == ["Morning", "Afternoon", "Evening"]
    assert [choice.text for _, choices in listed.groups for choice in choices] == ["9:00 am", "1:00 pm", "5:00 pm"]


def test_a_time_that_several_people_have_free_is_listed_once() -> None:
    place = a_place()

    listed = times.offered([a_slot(at(9), place), a_slot(at(9), place)], place, wanted=None)

    assert len(listed.groups[0][1]) == 1


def test_the_wanted_time_is_chosen_without_a_remark() -> None:
    place = a_place()

    listed = times.offered([a_slot(at(9), place), a_slot(at(10), place)], place, wanted=at(10))

    assert (listed.chosen, listed.remark) == ("2026-11-23T10:00:00", "")


def test_a_wanted_time_that_is_taken_gives_the_nearest_and_says_so() -> None:
    place = a_place()

    listed = times.offered([a_slot(at(9), place), a_slot(at(10, 30), place)], place, wanted=at(10))

    assert listed.chosen == "2026-11-23T10:30:00"
    assert "10:00 am is not free" in listed.remark
    assert "10:30 am" in listed.remark


def test_a_day_without_free_times_is_empty() -> None:
    assert times.offered([], a_place(), wanted=at(10)).is_empty


def test_the_hour_that_comes_twice_says_which_one_is_meant() -> None:
    place = a_place()
    half_past_one = at(1, 30, on=CLOCKS_BACK)

    listed = times.offered([a_slot(half_past_one, place, fold=fold) for fold in (0, 1)], place, wanted=None)

    assert [(choice.text, choice.value) for choice in listed.groups[0][1]] == [
        ("1:30 am (first time)", "2026-11-01T01:30:00"),
        ("1:30 am (second time)", "2026-11-01T01:30:00~1"),
    ]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-11-23T10:00:00", (at(10), None)),
        ("2026-11-01T01:30:00~1", (at(1, 30, on=CLOCKS_BACK), 1)),
    ],
)
def test_what_a_list_sends_is_read_back(sent: str, read: tuple[datetime, int | None]) -> None:
    assert times.read(sent) == read
