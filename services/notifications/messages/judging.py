"""Whether a message may go at this very moment (NT-16, NT-18): yes, not yet, or not at all."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from chassis.zones import UnknownZone, zone_named
from contracts.notifications import SuppressionReason, Template
from services.notifications.messages.model import Message
from services.notifications.messages.quiet_hours import (
    CLOSES,
    CLOSES_FOR_FIRST_AFTERCARE,
    allowed_from,
    next_day,
)


class Contact(BaseModel):
    """How to reach a patient, as booking says at the moment of sending; never stored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    given_name: str
    email: str | None
    zone: str
    language: str = "en"
    accepts_email: bool = True


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything else that decides, read in the sending transaction."""

    still_wanted: bool
    """The visit still wants this template at this sequence, or the recall is still due."""
    booked_again: bool
    """The patient has a later visit, so an invitation would be odd."""
    claimed_lately: tuple[datetime, ...]
    """When messages to this patient went out during the last two days."""
    a_day_max: int


@dataclass(frozen=True, slots=True)
class Go:
    contact: Contact


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class Drop:
    reason: SuppressionReason


Verdict = Go | Wait | Drop
INVITATIONS = frozenset({Template.AFTERCARE_D28, Template.RECALL_SERIES, Template.RECALL_MAINTENANCE})


def judge(message: Message, contact: Contact | None, about: Circumstances, *, now: datetime) -> Verdict:
    """What has changed comes first, then who may be written to, then the hour."""
    if message.template in INVITATIONS and about.booked_again:
        return Drop(SuppressionReason.ALREADY_BOOKED)
    if not about.still_wanted:
        return Drop(SuppressionReason.APPOINTMENT_CHANGED)
    if now >= message.useful_until:
        return Drop(SuppressionReason.TOO_LATE)
    if contact is None or contact.email is None:
        return Drop(SuppressionReason.NO_CONTACT)
    if not contact.accepts_email:
        return Drop(SuppressionReason.OPTED_OUT)
    return _by_the_hour(message, contact, about, now=now)


def _by_the_hour(message: Message, contact: Contact, about: Circumstances, *, now: datetime) -> Verdict:
    zone = zone_of(contact)
    closes = CLOSES_FOR_FIRST_AFTERCARE if message.template is Template.AFTERCARE_H2 else CLOSES
    opens = allowed_from(now, zone, closes=closes)
    if opens > now:
        return _wait(message, opens, SuppressionReason.TOO_LATE)
    today = now.astimezone(zone).date()
    if sum(at.astimezone(zone).date() == today for at in about.claimed_lately) >= about.a_day_max:
        return _wait(message, next_day(now, zone), SuppressionReason.DAILY_CAP)
    return Go(contact)


def _wait(message: Message, until: datetime, reason: SuppressionReason) -> Verdict:
    """Better late than never, but not later than it is of use."""
    return Wait(until) if until < message.useful_until else Drop(reason)


def zone_of(contact: Contact) -> ZoneInfo:
    """The patient's zone; a name that we do not know counts as UTC rather than stopping the mail."""
    try:
        return zone_named(contact.zone)
    except UnknownZone:
        return zone_named("UTC")
