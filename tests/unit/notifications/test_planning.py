"""What a visit wants its patient to be told, as it stands."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.booking import (
    AppointmentCancelled,
    AppointmentFact,
    AppointmentImported,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentStatus,
    PatientArrived,
)
from contracts.notifications import Template
from contracts.values import Channel
from services.notifications.messages.judging import Circumstances, Contact, Go, Wait, judge
from services.notifications.messages.model import Message
from services.notifications.messages.planning import wanted
from services.notifications.visits.model import Visit
from tests.support.house import NOON
from tests.support.notifications import NEW_YORK, a_booking, completed, then

ZONE = ZoneInfo(NEW_YORK)


def wishes(*facts: AppointmentFact) -> dict[Template, datetime]:
    visit = Visit.first_heard(facts[0])
    for fact in facts[1:]:
        visit.hear(fact)
    return {each.template: each.send_at for each in wanted(visit)}


def sent_at(fact: AppointmentFact, template: Template, *, zone: str) -> datetime:
    """When the message goes to a patient whose clock is that of this zone."""
    visit = Visit.first_heard(fact)
    (want,) = (each for each in wanted(visit) if each.template is template)
    message = Message.schedule(want, visit, channel=Channel.EMAIL)
    contact = Contact(given_name="Ada", email="ada@example.com", zone=zone)
    usual = Circumstances(still_wanted=True, booked_again=False, claimed_lately=(), a_day_max=3)
    match judge(message, contact, usual, now=want.send_at):
        case Go():
            return want.send_at
        case Wait(until):
            return until
        case other:
            raise AssertionError(other)


def local(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%a %d %H:%M")


def test_reminders_whose_time_has_passed_are_not_wanted() -> None:
    booking = a_booking()

    two_days_before = wishes(a_booking().model_copy(update={"at": booking.starts_at - timedelta(days=2)}))
    an_hour_before = wishes(a_booking().model_copy(update={"at": booking.starts_at - timedelta(hours=1)}))

    assert set(two_days_before) == {Template.BOOKING_CONFIRMATION, Template.REMINDER_24H}
    assert set(an_hour_before) == {Template.BOOKING_CONFIRMATION}


def test_a_patient_who_stands_at_the_desk_is_not_written_to() -> None:
    booking = a_booking()

    assert wishes(booking.model_copy(update={"at": booking.starts_at + timedelta(minutes=1)})) == {}


def test_a_message_is_due_when_it_is_due_whatever_the_hour_at_the_clinic() -> None:
    """NT-08, NT-10: the clinic's night says nothing about a patient's; their own is judged when it is sent."""
    at_night = a_booking().model_copy(update={"at": NOON.replace(hour=4)})
    cancelled = then(at_night, AppointmentCancelled, AppointmentStatus.CANCELLED_BY_CLINIC, at=at_night.at)

    assert local(wishes(at_night)[Template.BOOKING_CONFIRMATION]) == "Sun 22 23:00"
    assert local(wishes(at_night, cancelled)[Template.BOOKING_CANCELLED]) == "Sun 22 23:00"
    early = a_booking(local_start=datetime(2026, 12, 3, 7, 0))  # noqa: DTZ001
    assert local(wishes(early)[Template.REMINDER_24H]) == "Wed 02 07:00"


def test_who_has_arrived_or_did_not_come_is_told_nothing() -> None:
    booking = a_booking()

    arrived = then(booking, PatientArrived, AppointmentStatus.CHECKED_IN, at=booking.starts_at)
    missed = then(booking, AppointmentMissed, AppointmentStatus.NO_SHOW, at=booking.ends_at)

    assert wishes(booking, arrived) == wishes(booking, missed) == {}


def test_a_visit_called_off_after_it_began_needs_no_message() -> None:
    booking = a_booking()
    late = then(booking, AppointmentCancelled, AppointmentStatus.LATE_CANCEL, at=booking.ends_at)

    assert wishes(booking, late) == {}


def test_the_aftercare_goes_by_hours_then_by_days_on_the_calendar() -> None:
    """The session ends on Thursday at 11:30; D+28 lies in the same zone on New Year's Eve."""
    sent = wishes(a_booking(), completed(a_booking()))

    assert [local(at) for at in sent.values()] == [
        "Thu 03 13:30",
        "Fri 04 11:30",
        "Sun 06 11:30",
        "Thu 10 11:30",
        "Thu 31 11:30",
    ]


def test_the_aftercare_keeps_its_hour_when_the_clocks_change() -> None:
    before_the_change = a_booking(local_start=datetime(2026, 10, 30, 10, 0))  # noqa: DTZ001

    sent = wishes(completed(before_the_change))

    assert local(sent[Template.AFTERCARE_D3]) == "Mon 02 11:30"
    assert sent[Template.AFTERCARE_D3] - before_the_change.ends_at == timedelta(hours=73)


def test_the_first_aftercare_of_a_late_session_comes_by_nine_or_in_the_morning_of_the_patient() -> None:
    """NT-26: sent anyway until nine on the patient's clock, else at eight of the next day."""
    ended = completed(a_booking(local_start=datetime(2026, 12, 3, 18, 0)))  # noqa: DTZ001
    due = wishes(ended)[Template.AFTERCARE_H2]

    assert local(due) == "Thu 03 21:30"
    assert sent_at(ended, Template.AFTERCARE_H2, zone="America/Chicago") == due
    assert local(sent_at(ended, Template.AFTERCARE_H2, zone=NEW_YORK)) == "Fri 04 08:00"


def test_it_is_the_patients_morning_that_lets_a_message_go_not_the_clinics() -> None:
    """A reminder due at four in New York finds its reader in London at breakfast; one in Los Angeles is asleep."""
    early = a_booking(local_start=datetime(2026, 12, 3, 4, 0))  # noqa: DTZ001
    due = wishes(early)[Template.REMINDER_24H]

    assert sent_at(early, Template.REMINDER_24H, zone="Europe/London") == due
    assert sent_at(early, Template.REMINDER_24H, zone="America/Los_Angeles") == due + timedelta(hours=7)


def test_a_visit_taken_over_from_another_system_is_only_reminded_of() -> None:
    booking = a_booking()
    imported = then(booking, AppointmentImported, AppointmentStatus.CONFIRMED, at=NOON)

    assert set(wishes(imported)) == {Template.REMINDER_72H, Template.REMINDER_24H}


def test_once_moved_here_it_is_announced_like_any_other() -> None:
    imported = then(a_booking(), AppointmentImported, AppointmentStatus.CONFIRMED, at=NOON)
    moved = then(imported, AppointmentMoved, AppointmentStatus.BOOKED, at=NOON, sequence=1)

    assert Template.BOOKING_MOVED in wishes(imported, moved)
