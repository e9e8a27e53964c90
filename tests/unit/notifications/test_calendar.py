"""A visit in the patient's own calendar."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from services.notifications.channels import Event
from services.notifications.channels.calendar import entry, method

EVENT = Event(
    appointment_id=UUID(int=1),
    sequence=2,
    starts_at=datetime(2026, 12, 3, 15, 0, tzinfo=UTC),
    ends_at=datetime(2026, 12, 3, 16, 30, tzinfo=UTC),
    place="Hudson Yards Clinic",
    is_cancelled=False,
)
NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def written(event: Event) -> str:
    return entry(event, organizer="hello@clinic.example", attendee="ada@example.com", stamp=NOW)


def test_an_entry_says_when_and_where_and_not_what() -> None:
    assert written(EVENT).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Needlepoint//Needlepoint//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "UID:appt-00000000-0000-0000-0000-000000000001@clinic.example",
        "SEQUENCE:2",
        "STATUS:CONFIRMED",
        "DTSTAMP:20261123T170000Z",
        "DTSTART:20261203T150000Z",
        "DTEND:20261203T163000Z",
        "SUMMARY:Appointment – Hudson Yards Clinic",
        "LOCATION:Hudson Yards Clinic",
        "ORGANIZER:mailto:hello@clinic.example",
        "ATTENDEE;RSVP=FALSE:mailto:ada@example.com",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_a_cancellation_outranks_the_entry_it_cancels() -> None:
    cancelled = written(replace(EVENT, is_cancelled=True))

    assert method(replace(EVENT, is_cancelled=True)) == "CANCEL"
    assert "STATUS:CANCELLED" in cancelled
    assert "SEQUENCE:3" in cancelled
    assert "METHOD:CANCEL" in cancelled


def test_signs_with_a_meaning_are_escaped() -> None:
    assert "LOCATION:Hudson\\, Suite 2\\; back\\\\yard" in written(replace(EVENT, place="Hudson, Suite 2; back\\yard"))


def test_long_lines_are_folded_without_cutting_a_character() -> None:
    lines = written(replace(EVENT, place="Ä" * 100)).split("\r\n")

    assert max(len(line.encode()) for line in lines) <= 75
    assert "SUMMARY:Appointment – " + "Ä" * 100 in "\r\n".join(lines).replace("\r\n ", "")
