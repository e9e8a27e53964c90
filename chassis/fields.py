"""Texts, numbers, days and times as requests write them, said in the documents just as they are read.

Pydantic alone would also take `false` for a price of zero, `0` for the first of January 1970, years that no calendar
of a clinic has, and names that nobody can see.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict, WithJsonSchema
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from chassis import text

ANY_TEXT: JsonDict = {"pattern": r"^[^\x00]*$"}
"""For `json_schema_extra` of a secret, whose pattern pydantic can't check: doors refuse what is not text anyway."""
DAY = "(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
OFFSET = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"


_PATTERNS: dict[Callable[[str], str], tuple[str, str]] = {
    text.one_line: (text.ANY_LINE, text.SOME_LINE),
    text.many_lines: (text.ANY_LINES, text.SOME_LINES),
}
"""Without, and with something in it that can be seen."""


@dataclass(frozen=True, slots=True)
class Words:
    """`Annotated[str, Words(text.one_line, most=40)]`: text in that form, with `least` to `most` characters."""

    form: Callable[[str], str]
    most: int
    least: int = 1

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._read, core_schema.str_schema(max_length=self.most))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        more = {"minLength": self.least} if self.least else {}
        return {**handler(schema), **more, "pattern": _PATTERNS[self.form][bool(self.least)]}

    def _read(self, value: str) -> str:
        tidy = self.form(value)
        if len(tidy) < self.least:
            raise ValueError("write something that can be seen" if not tidy else f"write at least {self.least} letters")
        return tidy


@dataclass(frozen=True, slots=True)
class Written:
    """`Annotated[str, Written("[a-z]{2}", "write a language as en")]`: one form, and what to write instead."""

    form: str
    advice: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^({self.form})$"}

    def _read(self, value: str) -> str:
        if not re.fullmatch(self.form, value):
            raise ValueError(self.advice)
        return value


Line = Annotated[str, Words(text.one_line, most=120)]
"""One line of text, such as a name."""
Note = Annotated[str, Words(text.many_lines, most=2000, least=0)]
"""Several lines of free text; may be empty."""
Search = Annotated[str, Words(text.one_line, most=100, least=0)]
"""What somebody looks for; nothing means everything."""


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
