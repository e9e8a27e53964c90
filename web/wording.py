"""The services' words, in those of people: states, reasons, kinds of messages; with the tone each is shown in."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

CALM, GOOD, ON, TELL, NOTICE, BAD = "", "good", "on", "tell", "warn", "bad"
"""Tones: the class of a pill."""


class Word(NamedTuple):
    """What is shown, and how loud."""

    text: str
    tone: str = CALM


VISITS = {
    "booked": Word("Booked"),
    "confirmed": Word("Confirmed", GOOD),
    "checked_in": Word("Checked in", NOTICE),
    "numbing": Word("Numbing", NOTICE),
    "in_procedure": Word("In treatment", NOTICE),
    "completed": Word("Completed", GOOD),
    "cancelled_by_patient": Word("Cancelled by patient"),
    "cancelled_by_clinic": Word("Cancelled by clinic"),
    "late_cancel": Word("Cancelled late", BAD),
    "no_show": Word("No-show", BAD),
    "aborted_medical": Word("Stopped for medical reasons", BAD),
}
UNITS = {
    "available": Word("Available", GOOD),
    "reserved": Word("Reserved", NOTICE),
    "redeemed": Word("Used"),
    "expired": Word("Expired", BAD),
    "forfeited": Word("Forfeited", BAD),
    "refunded": Word("Refunded"),
    "transferred": Word("Transferred"),
}
PACKAGES = {
    "active": Word("Active", GOOD),
    "open": Word("Active", GOOD),
    "used": Word("Used up"),
    "used_up": Word("Used up"),
    "expired": Word("Expired", BAD),
}
INVOICES = {
    "open": Word("Open", NOTICE),
    "issued": Word("Open", NOTICE),
    "partly_paid": Word("Partly paid", NOTICE),
    "paid": Word("Paid", GOOD),
    "void": Word("Void"),
}
METHODS = {"cash": Word("Cash"), "card_terminal": Word("Card terminal")}
MESSAGES = {
    "scheduled": Word("Scheduled"),
    "sending": Word("Sending", NOTICE),
    "sent": Word("Sent", GOOD),
    "failed": Word("Failed", BAD),
    "suppressed": Word("Not sent"),
}
TEMPLATES = {
    "booking_confirmation": Word("Booking confirmation"),
    "booking_moved": Word("New time"),
    "booking_cancelled": Word("Cancellation"),
    "reminder_72h": Word("Reminder, 3 days before"),
    "reminder_24h": Word("Reminder, the day before"),
    "aftercare_h2": Word("Aftercare, 2 hours"),
    "aftercare_h24": Word("Aftercare, next day"),
    "aftercare_d3": Word("Aftercare, day 3"),
    "aftercare_d7": Word("Aftercare, day 7"),
    "aftercare_d28": Word("Aftercare, day 28"),
    "recall_series": Word("Time for the next session"),
    "recall_maintenance": Word("Time for maintenance"),
}
SUPPRESSED = {
    "appointment_changed": "the visit was moved or cancelled",
    "too_late": "it would have come too late to help",
    "no_contact": "the patient has no e-mail address",
    "already_booked": "the next visit is already booked",
    "daily_cap": "the patient had enough messages that day",
    "opted_out": "the patient does not want messages",
}
RECALLS = {
    "scheduled": Word("Planned"),
    "due": Word("Due", NOTICE),
    "closed": Word("Booked or replaced", GOOD),
}
RECALL_REASONS = {"series": Word("Next session of the series"), "maintenance": Word("Maintenance")}
LOTS = {
    "usable": Word("In date", GOOD),
    "active": Word("In date", GOOD),
    "provisional": Word("Provisional", NOTICE),
    "expired": Word("Expired", BAD),
    "quarantined": Word("Quarantined", BAD),
    "recalled": Word("Recalled", BAD),
}
MISSING = {"money": "Payment", "stock": "Stock", "aftercare": "Aftercare", "recall": "Next visit"}

EXPIRES_SOON_DAYS = 90
"""From here on a lot is worth a look (IV-39)."""
EXPIRES_NOW_DAYS = 30


def word(words: dict[str, Word], key: str) -> Word:
    """The word for a key; one that is newer than this page reads as itself."""
    return words.get(key) or Word(key.replace("_", " ").capitalize())


def ago(span: timedelta) -> str:
    """3 min, 5 h 12 min, 4 days."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    days = hours // 24
    return f"{days} day" if days == 1 else f"{days} days"


def until(on: date, today: date) -> str:
    """today, tomorrow, in 5 days, 3 days ago, in 4 months."""
    days = (on - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    span = f"{abs(days)} days" if abs(days) < 60 else f"{round(abs(days) / 30.4)} months"
    return f"in {span}" if days > 0 else f"{span} ago"


def expiry(expires_on: date | None, today: date) -> Word | None:
    """A warning about a lot's date; None while there is time. It may be used on that very day (IV-11)."""
    if expires_on is None:
        return Word("No date", NOTICE)
    days = (expires_on - today).days
    if days < 0:
        return Word("Expired", BAD)
    if days <= EXPIRES_NOW_DAYS:
        return Word("Last day" if days == 0 else f"{days} days left" if days > 1 else "1 day left", BAD)
    return Word(f"{days} days left", NOTICE) if days <= EXPIRES_SOON_DAYS else None


def relative_day(at: datetime, today: date) -> str:
    """Today, Yesterday, Monday, November 16, or with the year when it is another one."""
    on = at.date()
    if on == today:
        return "Today"
    if on == today - timedelta(days=1):
        return "Yesterday"
    year = f", {on.year}" if on.year != today.year else ""
    return f"{on:%A}, {on:%B} {on.day}{year}"
