"""Turns a message into words: plain language, first name, clinic, time and place, nothing more of a person (NT-06)."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_datetime, get_timezone_name
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chassis.zones import zone_named
from contracts.notifications import Template
from services.notifications.channels import Event, Letter

LOCALES = {"en": "en_US"}
FALLBACK = "en"
"""Every template exists in this language (NT-37)."""
HERE = Path(__file__).parent
WITH_EVENT = frozenset({Template.BOOKING_CONFIRMATION, Template.BOOKING_MOVED, Template.BOOKING_CANCELLED})


class Said(Protocol):
    id: UUID
    template: Template


class Met(Protocol):
    id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    local_start: datetime
    zone: str


class Housed(Protocol):
    name: str
    phone: str | None


class Addressed(Protocol):
    @property
    def given_name(self) -> str: ...
    @property
    def email(self) -> str | None: ...
    @property
    def language(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a message speaks of."""

    message: Said
    visit: Met
    place: Housed


def write(occasion: Occasion, to: Addressed, *, at: datetime, zone: ZoneInfo) -> Letter:
    """The letter, in the patient's language or the fallback; times are those on the clinic's wall (NT-37)."""
    message, visit, place = occasion.message, occasion.visit, occasion.place
    language = language_of(to.language)
    subject, text = render(
        message.template,
        language,
        name=first_line(to.given_name),
        clinic=first_line(place.name),
        phone=_dialled(first_line(place.phone or "")),
        when=when(visit, at=at, zone=zone, language=language),
    )
    event = _event(visit, place, message.template) if message.template in WITH_EVENT else None
    return Letter(message.id, to.email or "", subject, text, event)


def render(template: Template, language: str, **words: str) -> tuple[str, str]:
    """Subject and text; the first line of a template is its subject."""
    subject, _, text = _texts().get_template(f"{language}/{template.value}.txt").render(words).partition("\n")
    return first_line(subject), text.strip() + "\n"


def first_line(text: str) -> str:
    """One line of it: a name with a line break must not become a header of an e-mail."""
    return " ".join(text.split())


def _dialled(number: str) -> str:
    """+1 212-555-0100: a number to be read and typed; what can't be read as one stays as it is."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number


def language_of(wanted: str) -> str:
    language = wanted.replace("_", "-").partition("-")[0].lower()
    return language if language in LOCALES else FALLBACK


def when(visit: Met, *, at: datetime, zone: ZoneInfo, language: str) -> str:
    """`Tuesday, November 24 at 10:00 AM`, with the clinic's zone if the patient's clock shows another time."""
    said = format_datetime(visit.local_start, "EEEE, MMMM d 'at' h:mm a", locale=LOCALES[language])
    there = visit.starts_at.astimezone(zone_named(visit.zone))
    if visit.local_start.year != at.astimezone(zone).year:
        said = format_datetime(visit.local_start, "EEEE, MMMM d, yyyy 'at' h:mm a", locale=LOCALES[language])
    if there.utcoffset() != visit.starts_at.astimezone(zone).utcoffset():
        said += f" ({get_timezone_name(there, locale=LOCALES[language])})"
    return said


def _event(visit: Met, place: Housed, template: Template) -> Event:
    return Event(
        visit.id,
        visit.sequence,
        visit.starts_at,
        visit.ends_at,
        first_line(place.name),
        template is Template.BOOKING_CANCELLED,
    )


@cache
def _texts() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text; the HTML part escapes all of it
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,  # a part that is included ends its paragraph
    )
