from datetime import datetime, time
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from contracts.values import Money
from tests.support.web import NEW_YORK, a_day, a_practitioner, a_room, a_visit, at
from web import cards
from web.clients.booking import Segment, Treatment
from web.clients.settlements import Settlement

NOW = at(10, 20).replace(tzinfo=ZoneInfo(NEW_YORK))


def test_a_card_stands_in_the_column_of_its_practitioner_and_of_its_room() -> None:
    visit = a_visit()

    card = cards.card(visit, None, treatments={}, movable=True)

    assert card["resourceIds"] == [str(visit.practitioner_id), str(visit.room_id)]


def test_a_card_tells_wall_time_without_an_offset() -> None:
    card = cards.card(a_visit(at(10)), None, treatments={}, movable=True)

    assert (card["start"], card["end"]) == ("2026-11-23T10:00:00", "2026-11-23T11:00:00")


def test_a_visit_that_has_begun_cannot_be_dragged() -> None:
    visit = a_visit(status="in_procedure", next_actions=("complete",))

    assert cards.card(visit, None, treatments={}, movable=True)["editable"] is False


def test_who_may_not_move_visits_cannot_drag_them() -> None:
    assert cards.card(a_visit(), None, treatments={}, movable=False)["editable"] is False


def test_a_card_shows_what_the_desk_should_know_before_opening_it() -> None:
    visit = a_visit(flags=("new",))
    owed = Settlement(appointment_id=visit.id, kind="invoiced", amount=Money(minor=100), due=Money(minor=40))
    prepaid = Settlement(appointment_id=visit.id, kind="reserved", amount=Money(minor=100))

    assert cards.flags(visit, owed) == ["new", "balance"]
    assert cards.flags(visit, prepaid) == ["new", "package"]


def test_hours_outside_the_shift_and_outside_opening_are_shaded_for_a_practitioner() -> None:
    away = a_practitioner(off=((at(12), at(13)),))
    day = a_day(practitioners=(away,), rooms=())

    spans = [(each["start"][11:16], each["end"][11:16]) for each in cards.shaded(day)]

    assert spans == [("08:00", "09:00"), ("18:00", "19:00"), ("12:00", "13:00")]


def test_a_room_is_shaded_only_when_the_clinic_is_closed() -> None:
    day = a_day(practitioners=(), rooms=(a_room(),))

    assert len(cards.shaded(day)) == 2


def test_a_closed_day_is_shaded_from_end_to_end() -> None:
    day = a_day(opening=None, practitioners=(), rooms=(a_room(),))
    begin, end = cards.shown_hours(day)

    (shade,) = cards.shaded(day)

    assert (shade["start"], shade["end"]) == (begin.strftime(cards.FORM), end.strftime(cards.FORM))


def test_the_grid_reaches_as_far_as_somebody_is_booked() -> None:
    day = a_day(a_visit(at(6, 30)), a_visit(at(19, 45), minutes=30))

    assert cards.shown_hours(day) == (at(6), at(21))


def test_the_grid_never_leaves_the_day() -> None:
    day = a_day(a_visit(at(23, 30), minutes=60), opening=(time(0), time(23, 45)))

    begin, end = cards.shown_hours(day)

    assert (begin.date(), f"{begin:%H:%M}", f"{end:%H:%M}") == (day.date, "00:00", "00:00")


def test_cancelled_visits_count_for_nothing() -> None:
    day = a_day(a_visit(status="cancelled_by_patient"), a_visit(status="confirmed"))

    assert cards.figures(day, now=NOW).booked == 1


@pytest.mark.parametrize(
    ("status", "start", "is_late"),
    [
        ("booked", at(10), True),
        ("confirmed", at(10), True),
        ("confirmed", at(10, 20), False),
        ("checked_in", at(10), False),
        ("completed", at(9), False),
        ("no_show", at(9), False),
        ("late_cancel", at(9), False),
    ],
)
def test_late_is_who_should_have_come_by_now_and_is_not_checked_in(
    status: str, start: datetime, *, is_late: bool
) -> None:
    visit = a_visit(start, status=status)

    assert visit.is_late(NOW) is is_late
    assert cards.figures(a_day(visit), now=NOW).late == int(is_late)


def test_a_card_tells_the_minute_of_a_visit_whose_patient_is_awaited() -> None:
    awaited, there = (a_visit(status=status) for status in ("confirmed", "checked_in"))

    shown = [
        cards.card(each, None, treatments={}, movable=True)["extendedProps"]["awaited"] for each in (awaited, there)
    ]

    assert shown == [awaited.starts_at.isoformat(), None]


def test_a_card_tells_how_long_a_visit_is_not_yet_in_its_room() -> None:
    numbs = Treatment(
        id=uuid4(),
        version=1,
        code="pen-face",
        name="Microneedling face",
        modality="pen",
        duration_minutes=60,
        segments=(Segment(kind="checkin", minutes=5), Segment(kind="numbing", minutes=30, elsewhere=True)),
    )

    card = cards.card(a_visit(), None, treatments={numbs.code: numbs}, movable=True)

    assert card["extendedProps"]["minutesElsewhere"] == 35


def test_chair_time_is_measured_against_the_shifts_of_those_who_are_there() -> None:
    half_day = a_practitioner(off=((at(9), at(13, 30)),))
    day = a_day(a_visit(at(14), minutes=135), practitioners=(half_day,))

    assert cards.figures(day, now=NOW).chair_time == 50


def test_nobody_on_shift_is_no_chair_time_instead_of_a_division_by_nothing() -> None:
    assert cards.figures(a_day(opening=None, practitioners=()), now=NOW).chair_time == 0
