"""Texts, numbers, days and times as requests write them, said in the documents just as they are read.

Pydantic alone would also take `false` for a price of zero, `0` for the first of January 1970, and years that no
calendar of a clinic has.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Strict, WithJsonSchema
from pydantic.config import JsonDict

ONE_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f\x85][^\x00-\x1f\x7f]*$"
"""Something that can be seen, without control characters."""
SOME_TEXT = r"^[^\x00]*[^\s\x00\x85][^\x00]*$"
"""Something that can be seen, on any number of lines."""
ANY_TEXT: JsonDict = {"pattern": r"^[^\x00]*$"}
"""For `json_schema_extra` of a secret, whose pattern pydantic can't check: doors refuse what is not text anyway."""
DAY = "(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
OFFSET = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"


def _day(value: Any) -> Any:
    return _written(value, DAY, "write the day as 2026-11-24; it lies between 1900 and 2199")


def _time(value: Any) -> Any:
    return _written(value, rf"{DAY}T.*", "write the time as 2026-11-24T10:00:00; it lies between 1900 and 2199")


def _written(value: Any, form: str, advice: str) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(form, value)):
        return value
    raise ValueError(advice)


def _number(value: Any) -> Any:
    if isinstance(value, (bool, str)):
        raise ValueError("write a number, as JSON writes numbers")
    return value


AsNumber = BeforeValidator(_number)
"""Last in a list of bounds: `Annotated[int, Field(ge=1), AsNumber]`."""
Whole = Annotated[int, AsNumber]
"""A whole number in a body; for one in a URL, where all is text, plain `int` is right."""
YesNo = Annotated[bool, Strict()]
"""`true` or `false` in a body."""
Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{DAY}$", "examples": ["2026-11-24"]}),
]
"""A day of the calendar of wherever it is about."""
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_time),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": rf"^{DAY}T{CLOCK}:[0-5][0-9](\.[0-9]{{1,6}})?{OFFSET}$",
            "examples": ["2026-11-24T15:00:00Z"],
        }
    ),
]
"""A moment, with its offset from UTC."""
AsText = BeforeValidator(_time)
"""For times that a service bounds further."""
LocalTime = Annotated[
    datetime,
    WithJsonSchema({"type": "string", "format": "date-time-local", "examples": ["2026-11-24T10:00:00"]}),
]
"""Wall time somewhere, without an offset; RFC 3339's `date-time` would promise one."""
