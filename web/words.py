"""The words of the trade as the pages say them, with the icon and the tone that go with each."""

import colorsys
import re
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


REACTIONS = ("None", "Faint redness", "Clear redness", "Redness and swelling", "Severe")
"""Grades 0 to 4 of the skin's reaction right after the treatment (BK-31)."""


class Flag(NamedTuple):
    text: str
    icon: str


FLAGS = {
    "new": Flag("New patient", "star"),
    "package": Flag("Paid from a package", "package"),
    "balance": Flag("Balance due", "wallet"),
}

HUES = {"rose": 338, "orange": 21, "amber": 36, "green": 143, "teal": 183, "blue": 207, "violet": 259}
"""Where the colours of cards stand on the colour circle; each is a class in `cards.css`, light and dark."""
GREY = "slate"
GREY_BELOW = 0.22
"""Of this saturation a colour is no more than grey."""


def hue_of(colour: str | None) -> str:
    """The card colour nearest to a treatment's own `#rrggbb`: any clinic's choice stays readable, light and dark."""
    if colour is None or not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return GREY
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    turn, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    if saturation < GREY_BELOW:
        return GREY
    return min(HUES, key=lambda name: _apart(HUES[name], turn * 360))


def _apart(one: float, other: float) -> float:
    """Degrees between two places on the colour circle, the short way round."""
    return min(abs(one - other), 360 - abs(one - other))
