"""When two patients may be one person: born on the same day with names that are close, or reached at the same place."""

import re
from difflib import SequenceMatcher
from enum import StrEnum

from services.booking.patients.model import Patient, folded

NAMES_CLOSE = 0.7
"""`Kate Miller` and `Katherine Miller` are close, `Mary Smith` and `John Smith` are not."""


class Likeness(StrEnum):
    """In what two patients are alike."""

    BORN = "birth_date_and_name"
    PHONE = "phone"
    EMAIL = "email"


def likeness(one: Patient, other: Patient) -> tuple[Likeness, ...]:
    """In what they are alike; nothing for two who are plainly different people."""
    found: list[Likeness] = []
    if one.birth_date is not None and one.birth_date == other.birth_date and are_close(_name(one), _name(other)):
        found.append(Likeness.BORN)
    if one.phone and one.phone == other.phone:
        found.append(Likeness.PHONE)
    if one.email and other.email and one.email.lower() == other.email.lower():
        found.append(Likeness.EMAIL)
    return tuple(found)


def are_close(one: str, other: str) -> bool:
    """Whether one name may be the other misheard, shortened or with its parts in another order."""
    return SequenceMatcher(None, _sorted(one), _sorted(other), autojunk=False).ratio() >= NAMES_CLOSE


def _name(patient: Patient) -> str:
    return f"{patient.given_name} {patient.family_name}"


def _sorted(name: str) -> str:
    return " ".join(sorted(word for word in re.split(r"[\s\-'’]+", folded(name)) if word))
