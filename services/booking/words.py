"""The words requests are written in: bounded texts, days and wall times that a database can hold."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.auth import require
from contracts.identity import CLINIC, TILL

EXAMPLE_ID = UUID("0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10")
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")
]
"""One line of text, such as a name."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^[^\x00]*$")]
"""Several lines of free text."""
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5][05]$")]
"""`09:30`, on the five-minute grid (BK-04)."""
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


def _wall(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError("a local time has no offset: the location's zone decides it")
    if not FIRST_DAY <= value.date() <= LAST_DAY:
        raise ValueError("this day is out of range")
    if value.minute % 5 or value.second or value.microsecond:
        raise ValueError("visits begin on full five minutes")
    return value


def _once(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError("a local time has no offset: the location's zone decides it")
    return _in_range(value)


def _in_range(value: datetime) -> datetime:
    if not FIRST_DAY.year < value.year < LAST_DAY.year:
        raise ValueError("this time is out of range")
    return value


WallTime = Annotated[datetime, AfterValidator(_wall), Field(examples=["2026-11-24T10:00:00"])]
"""Wall time at the location, without offset, on the five-minute grid (BK-01, BK-04)."""
WallTimeOfHistory = Annotated[datetime, AfterValidator(_once), Field(examples=["2024-03-05T10:07:00"])]
"""Wall time of another system's visit, which need not be on our grid."""
Bounded = AfterValidator(_in_range)
"""Keeps an instant inside what calendars and databases can hold."""

SEES_PATIENTS = require(*dict.fromkeys((*CLINIC, *TILL)))
"""Who may look a patient up, at any location of the chain: people visit several."""
