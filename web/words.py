"""The words of the trade as the pages say them, with the icon and the tone that go with each."""

from typing import NamedTuple


class Status(NamedTuple):
    """How a status reads; `tone` is the class of its pill."""

    text: str
    tone: str


STATUSES = {
    "booked": Status("Booked", ""),
    "confirmed": Status("Confirmed", "on"),
    "checked_in": Status("Arrived", "warn"),
    "numbing": Status("Numbing", "tell"),
    "in_procedure": Status("In treatment", "on"),
    "completed": Status("Completed", "good"),
    "cancelled_by_patient": Status("Cancelled by patient", "bad"),
    "cancelled_by_clinic": Status("Cancelled by clinic", "bad"),
    "late_cancel": Status("Cancelled late", "bad"),
    "no_show": Status("No-show", "bad"),
    "aborted_medical": Status("Stopped, medical", "bad"),
}


class Step(NamedTuple):
    """A step forward in the life of a visit, as a button."""

    action: str
    text: str
    icon: str
    said: str
    """Completes “Maya Bennett …” once it is done."""


STEPS = {
    step.action: step
    for step in (
        Step("confirm", "Confirm", "check", "is confirmed"),
        Step("check-in", "Check in", "user-check", "has arrived"),
        Step("numb", "Start numbing", "droplet", "is numbing"),
        Step("start", "Start treatment", "player-play", "is in treatment"),
        Step("complete", "Complete session", "clipboard-check", "is completed"),
        Step("no-show", "No-show", "user-x", "is marked as a no-show"),
        Step("reinstate", "Take no-show back", "arrow-back-up", "is expected again"),
    )
}
FORWARD = ("confirm", "check-in", "numb", "start", "complete")
"""The order of a visit; the first of these that is possible is what the big button does."""


class Flag(NamedTuple):
    text: str
    icon: str


FLAGS = {
    "new": Flag("New patient", "star"),
    "package": Flag("Paid from a package", "package"),
    "balance": Flag("Balance due", "wallet"),
}

HUES = ("violet", "rose", "amber", "blue", "slate", "green", "teal", "orange")
"""Colours of treatments; each is a class in `day.css` with a light and a dark side."""


def hue_of(colour: str | None, code: str) -> str:
    """The hue of a treatment: the one it was given, else one that always stays the same for its code."""
    return colour if colour in HUES else HUES[sum(code.encode()) % len(HUES)]
