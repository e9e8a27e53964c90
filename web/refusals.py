"""What services refuse, in the words of the desk: a problem's title is written for whoever calls the API."""

import re
from collections.abc import Mapping
from typing import Any

BUSY = {
    "practitioner": "The practitioner is busy at this time.",
    "room": "The room is taken at this time.",
    "device": "No device for this treatment is free at this time.",
    "numbing_bay": "No place for numbing is free at this time.",
    "patient": "The patient has another visit at this time.",
}
WORDS = {
    "changed_meanwhile": "Somebody else changed this visit a moment ago. Look at it as it is now, then do it again.",
    "details_changed": "Somebody else changed these details a moment ago. Look at them as they are now, then make your "
    "change again.",
    "illegal_transition": "The visit has gone on since. It is shown as it is now.",
    "outside_hours": "The clinic is closed then, or nobody who could do it is on shift for the whole visit.",
    "key_reused": "This was sent before. Look at what is there now; if something is missing, start again.",
}


def in_words(code: str, title: str, facts: Mapping[str, Any]) -> str:
    """The refusal for a person: our own words where we have them, else the title without its notes for callers."""
    if code == "slot_taken":
        busy = BUSY.get(str(facts.get("resource")), "This time is taken.")
        return f"{busy} Free near it:" if facts.get("alternatives") else f"{busy} Choose another one."
    return WORDS.get(code) or _without_notes(title)


def _without_notes(title: str) -> str:
    """Leaves out sentences that name members of the answer, such as `resource`."""
    sentences = re.split(r"(?<=[.!?])\s+", title)
    return " ".join(sentence for sentence in sentences if "`" not in sentence) or title.replace("`", "")
