"""What each part of a visit occupies, and how long a part may be (BK-05..09, CL-07, CL-09)."""

from datetime import UTC, datetime

import pytest

from services.booking.schedule.segments import MinutesNotAllowed, Plan, ResourceKind, SegmentKind
from services.booking.schedule.spans import Span

PEN = Plan(checkin=5, numbing=30, procedure=45, aftercare=10, cleaning=15)


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC)


def test_a_pen_visit_at_ten_occupies_what_the_rule_book_says() -> None:
    assert PEN.spans(at(10, 0)) == {
        ResourceKind.NUMBING_BAY: Span(at(10, 5), at(10, 35)),
        ResourceKind.PRACTITIONER: Span(at(10, 35), at(11, 30)),
        ResourceKind.DEVICE: Span(at(10, 35), at(11, 25)),
        ResourceKind.ROOM: Span(at(10, 35), at(11, 45)),
        ResourceKind.PATIENT: Span(at(10, 0), at(11, 30)),
    }


def test_numbing_in_the_room_keeps_room_practitioner_and_device_busy_and_needs_no_bay() -> None:
    plan = Plan(checkin=5, numbing=30, procedure=45, aftercare=10, cleaning=15, numbing_elsewhere=False)

    spans = plan.spans(at(10, 0))

    assert spans[ResourceKind.ROOM] == Span(at(10, 5), at(11, 45))
    assert spans[ResourceKind.PRACTITIONER].starts == at(10, 5)
    assert spans[ResourceKind.DEVICE].starts == at(10, 5)
    assert ResourceKind.NUMBING_BAY not in spans


def test_a_visit_without_a_device_occupies_none() -> None:
    assert ResourceKind.DEVICE not in Plan(procedure=30, uses_device=False).needs()


def test_cleaning_is_not_part_of_the_time_the_patient_is_told() -> None:
    assert PEN.patient_minutes == 90


def test_segments_are_in_order_and_those_that_take_no_time_are_left_out() -> None:
    assert Plan(procedure=30).segments() == [
        (SegmentKind.CHECKIN, 5),
        (SegmentKind.PROCEDURE, 30),
        (SegmentKind.AFTERCARE, 10),
        (SegmentKind.CLEANING, 15),
    ]


@pytest.mark.parametrize("minutes", [15, 90])
def test_a_procedure_may_last_from_15_to_90_minutes(minutes: int) -> None:
    assert Plan.checked(procedure=minutes).procedure == minutes


@pytest.mark.parametrize("minutes", [0, 10, 95, 32])
def test_another_procedure_is_refused(minutes: int) -> None:
    with pytest.raises(MinutesNotAllowed) as refusal:
        Plan.checked(procedure=minutes)

    assert refusal.value.fields["allowed"] == [15, 90]


@pytest.mark.parametrize("minutes", [10, 65])
def test_numbing_is_left_out_or_lasts_15_to_60_minutes(minutes: int) -> None:
    with pytest.raises(MinutesNotAllowed):
        Plan.checked(procedure=30, numbing=minutes)


def test_a_visit_of_another_length_stretches_its_procedure() -> None:
    longer = PEN.lasting(120)

    assert (longer.patient_minutes, longer.procedure, longer.numbing) == (120, 75, 30)
