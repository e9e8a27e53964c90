"""Only what the table lists may follow, and each transition tells the whole public state (BK-16, BK-17, BK-25)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import new_id
from contracts.booking import AppointmentFact
from contracts.booking import AppointmentStatus as Status
from contracts.values import Modality
from services.booking.appointments.model import (
    Appointment,
    CancelledBy,
    CreamStillOn,
    IllegalTransition,
    Origin,
    TooEarly,
    TooLate,
)
from services.booking.appointments.transitions import ALLOWED, ENDED, FREED, next_actions

START = datetime(2026, 11, 24, 15, tzinfo=UTC)
wall = datetime.fromisoformat
Act = Callable[[Appointment, datetime], Any]

ACTS: dict[str, Act] = {
    "confirm": lambda visit, at: visit.confirm(at=at),
    "check-in": lambda visit, at: visit.check_in(at=at),
    "numb": lambda visit, at: visit.numb(at=at),
    "start": lambda visit, at: visit.start(at=at),
    "no-show": lambda visit, at: visit.miss(at=at),
    "reinstate": lambda visit, at: visit.reinstate(at=at),
    "cancel": lambda visit, at: visit.cancel(CancelledBy.CLINIC, None, at=at),
    "complete": lambda visit, at: visit.complete(started_at=at, completed_at=at, consumption=(), at=at),
}
MAY: dict[Status, set[str]] = {
    Status.BOOKED: {"confirm", "check-in", "no-show", "cancel"},
    Status.CONFIRMED: {"check-in", "no-show", "cancel"},
    Status.CHECKED_IN: {"numb", "start", "cancel"},
    Status.NUMBING: {"start", "cancel"},
    Status.IN_PROCEDURE: {"complete"},
    Status.NO_SHOW: {"reinstate"},
}


def a_visit(status: Status = Status.BOOKED, **more: Any) -> Appointment:
    return Appointment(
        id=new_id(),
        version=1,
        sequence=0,
        status=status,
        origin=Origin.DESK,
        patient_id=new_id(),
        location_id=new_id(),
        legal_entity_id=new_id(),
        treatment="pen-face",
        modality=Modality.PEN,
        practitioner_id=new_id(),
        room_id=new_id(),
        local_start=wall("2026-11-24T10:00"),
        zone="America/New_York",
        starts_at=START,
        ends_at=START + timedelta(minutes=90),
        **more,
    )


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", ACTS)
def test_exactly_what_the_table_lists_is_possible(status: Status, action: str) -> None:
    visit = a_visit(status)

    if action in MAY.get(status, set()):
        fact: AppointmentFact = ACTS[action](visit, START + timedelta(minutes=20))
        assert (fact.version, fact.status, visit.version) == (2, visit.status, 2)
    else:
        with pytest.raises(IllegalTransition) as refusal:
            ACTS[action](visit, START + timedelta(minutes=20))
        assert refusal.value.fields["state"] == status.value
        assert (visit.status, visit.version) == (status, 1)


def test_every_status_is_in_the_table_and_the_last_ones_lead_nowhere() -> None:
    assert set(ALLOWED) == set(Status)
    assert all(not ALLOWED[status] for status in ENDED - {Status.NO_SHOW})
    assert FREED < ENDED


def test_a_patient_is_missed_from_a_quarter_of_an_hour_on() -> None:
    with pytest.raises(TooEarly):
        a_visit().miss(at=START + timedelta(minutes=14, seconds=59))

    assert a_visit().miss(at=START + timedelta(minutes=15)).status is Status.NO_SHOW


def test_a_no_show_can_be_taken_back_for_24_hours_to_what_it_was() -> None:
    missed_at = START + timedelta(hours=1)
    confirmed = a_visit(Status.NO_SHOW, confirmed_at=START - timedelta(days=1), ended_at=missed_at)
    booked = a_visit(Status.NO_SHOW, ended_at=missed_at)
    late = a_visit(Status.NO_SHOW, ended_at=missed_at)

    assert confirmed.reinstate(at=missed_at + timedelta(hours=24)).status is Status.CONFIRMED
    assert booked.reinstate(at=missed_at).status is Status.BOOKED
    with pytest.raises(TooLate):
        late.reinstate(at=missed_at + timedelta(hours=24, seconds=1))


@pytest.mark.parametrize(
    ("hours_before", "status"),
    [(24, Status.CANCELLED_BY_PATIENT), (23.99, Status.LATE_CANCEL), (-1, Status.LATE_CANCEL)],
)
def test_a_patient_who_cancels_within_a_day_cancels_late(hours_before: float, status: Status) -> None:
    fact = a_visit().cancel(CancelledBy.PATIENT, None, at=START - timedelta(hours=hours_before))

    assert fact.status is status


def test_the_day_before_is_counted_on_the_clock_of_the_location() -> None:
    visit = a_visit()
    visit.local_start, visit.starts_at = wall("2026-11-01T10:00"), datetime(2026, 11, 1, 15, tzinfo=UTC)

    fact = visit.cancel(CancelledBy.PATIENT, None, at=datetime(2026, 10, 31, 14, tzinfo=UTC))

    assert fact.status is Status.CANCELLED_BY_PATIENT  # 10:00 the day before, though 25 hours ahead


def test_the_clinic_and_a_medical_reason_never_make_it_late() -> None:
    at = START - timedelta(hours=1)

    assert a_visit().cancel(CancelledBy.CLINIC, None, at=at).status is Status.CANCELLED_BY_CLINIC
    assert a_visit().cancel(CancelledBy.MEDICAL, None, at=at).status is Status.ABORTED_MEDICAL
    in_procedure = a_visit(Status.IN_PROCEDURE)
    assert in_procedure.cancel(CancelledBy.MEDICAL, "fainted", at=at).status is Status.ABORTED_MEDICAL


@pytest.mark.parametrize(("minutes", "blocked"), [(45, False), (60, False), (61, True)])
def test_needling_does_not_begin_while_a_cream_is_on_for_over_an_hour(minutes: int, *, blocked: bool) -> None:
    visit = a_visit(Status.NUMBING, numbing_at=START)
    at = START + timedelta(minutes=minutes)

    if blocked:
        with pytest.raises(CreamStillOn):
            visit.start(at=at)
        assert visit.status is Status.NUMBING
    assert visit.start(cream_off=blocked, at=at).status is Status.IN_PROCEDURE
    assert visit.numbing_off_at == (at if blocked else None)


def test_moving_counts_the_sequence_up() -> None:
    fact = a_visit().move(at=START)

    assert (fact.sequence, fact.version) == (1, 2)


def actions(status: Status, *, minutes_after_start: int = -60, numbs: bool = True) -> list[str]:
    now = START + timedelta(minutes=minutes_after_start)
    return list(next_actions(status, starts_at=START, missed_at=now, numbs=numbs, now=now))


def test_the_usual_next_step_is_offered_first() -> None:
    assert [actions(each)[0] for each in list(MAY)] == [
        "confirm",
        "check-in",
        "numb",
        "start",
        "complete",
        "reinstate",
    ]
    assert actions(Status.CHECKED_IN, numbs=False)[0] == "start"


def test_missing_is_offered_only_when_it_is_possible() -> None:
    assert "no-show" not in actions(Status.CONFIRMED, minutes_after_start=14)
    assert "no-show" in actions(Status.CONFIRMED, minutes_after_start=15)


@pytest.mark.parametrize("status", Status)
def test_what_is_offered_is_possible(status: Status) -> None:
    offered = set(actions(status, minutes_after_start=20)) - {"move"}

    assert offered - {"cancel"} <= MAY.get(status, set())
