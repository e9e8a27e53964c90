"""The words requests are written in: bounded words, days and wall times that a database can hold."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from chassis import text
from chassis.auth import require
from chassis.fields import CLOCK, DAY, AsNumber, AsText, Words, Written
from contracts.identity import RECEPTION

Code = Annotated[
    str,
    Field(max_length=40),
    Written("[a-z0-9]+(-[a-z0-9]+)*", "write a code in small letters, digits and single hyphens, as in pen-face"),
]
Reason = Annotated[str, Words(text.many_lines, most=2000, least=3)]
"""Why somebody goes beyond a rule."""
TimeOfDay = Annotated[
    str, Written("([01][0-9]|2[0-3]):[0-5][05]", "write the time of day as 09:30, on a full five minutes")
]
"""`09:30`, on the five-minute grid (BK-04)."""
Language = Annotated[
    str,
    Written("[a-z]{2}(-[A-Z]{2})?", "write the language as en, or with its country as en-US"),
    Field(examples=["en"]),
]
Version = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[3]), AsNumber]


def _once(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError("a local time has no offset: the location's zone decides it")
    return value


def _wall(value: datetime) -> datetime:
    if value.minute % 5 or value.second or value.microsecond:
        raise ValueError("visits begin on full five minutes")
    return value


def _local(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "string", "format": "date-time-local", "pattern": f"^{pattern}$", "examples": [example]}
    )


WallTime = Annotated[
    datetime,
    AsText,
    AfterValidator(_once),
    AfterValidator(_wall),
    _local(rf"{DAY}T([01][0-9]|2[0-3]):[0-5][05](:00)?", "2026-11-24T10:00:00"),
]
"""Wall time at the location, without offset, on the five-minute grid (BK-01, BK-04)."""
WallTimeOfHistory = Annotated[
    datetime, AsText, AfterValidator(_once), _local(rf"{DAY}T{CLOCK}(:[0-5][0-9])?", "2024-03-05T10:07:00")
]
"""Wall time of another system's visit, which need not be on our grid."""

SEES_PATIENTS = require(*RECEPTION)
"""Who may look a patient up, at any location of the chain: people visit several."""
