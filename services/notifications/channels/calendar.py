"""A visit as an iCalendar entry (RFC 5545, RFC 5546): one UID for life, a move raises its sequence (NT-38..44)."""

from collections.abc import Iterator
from datetime import UTC, datetime

from services.notifications.channels import Event

OCTETS_MAX = 75


def method(event: Event) -> str:
    return "CANCEL" if event.is_cancelled else "REQUEST"


def entry(event: Event, *, organizer: str, attendee: str, stamp: datetime) -> str:
    """The calendar object for one visit; a cancellation outranks what it cancels (NT-40)."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Needlepoint//Needlepoint//EN",
        f"METHOD:{method(event)}",
        "BEGIN:VEVENT",
        f"UID:appt-{event.appointment_id}@{organizer.rpartition('@')[2]}",
        f"SEQUENCE:{event.sequence + event.is_cancelled}",
        f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}",
        f"DTSTAMP:{_utc(stamp)}",
        f"DTSTART:{_utc(event.starts_at)}",
        f"DTEND:{_utc(event.ends_at)}",
        f"SUMMARY:{_escaped(f'Appointment – {event.place}')}",
        f"LOCATION:{_escaped(event.place)}",
        f"ORGANIZER:mailto:{organizer}",
        f"ATTENDEE;RSVP=FALSE:mailto:{attendee}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for plain in ("\\", ";", ","):
        text = text.replace(plain, f"\\{plain}")
    return " ".join(text.split())


def _folded(line: str) -> Iterator[str]:
    """Parts of at most 75 octets, never cutting a character; each part after the first begins with a space."""
    part, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > OCTETS_MAX:
            yield part
            part, octets = " ", 1
        part, octets = part + character, octets + size
    yield part
