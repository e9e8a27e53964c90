"""What a validator found, in plain words: what to write instead. Its own texts are for whoever wrote the validator."""

from collections.abc import Callable, Mapping
from typing import Any

Facts = Mapping[str, Any]
"""What the validator says of the rule that was broken: its bound, its pattern, its choices."""

_NUMBER = "write a number"
_WHOLE = "write a whole number"
_DAY = "this is no day of the calendar; write it as 2026-11-24"
_MOMENT = "this is no time of the calendar; write it as 2026-11-24T10:00:00"
_CLOCK = "write the time of day as 14:30"
_ID = "this is no id; one looks like 0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"
_EMAIL = "an e-mail address looks like name@clinic.example"
_OFFSET = "say how far this time is from UTC, as in 2026-11-24T10:00:00-05:00"
_OBJECT = "write an object, with its fields by name"
_LIST = "write a list"
_WORDS: Mapping[str, str] = {
    "missing": "this is needed",
    "extra_forbidden": "there is no such field here",
    "string_type": "write text",
    "string_unicode": "this text is not UTF-8",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    "int_parsing_size": "this number is too large",
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing", "finite_number"), _NUMBER),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), _DAY),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), _MOMENT),
    **dict.fromkeys(("datetime_object_invalid", "timezone_offset"), _MOMENT),
    **dict.fromkeys(("time_type", "time_parsing"), _CLOCK),
    "timezone_aware": _OFFSET,
    "timezone_naive": "write the time on the wall there, without an offset from UTC",
    **dict.fromkeys(("uuid_type", "uuid_parsing", "uuid_version"), _ID),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type", "mapping_type"), _OBJECT),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"), _LIST),
    "json_invalid": "this is not valid JSON",
    "json_type": "this is not valid JSON",
}


def _choices(facts: Facts) -> str:
    return f"write one of {facts['expected']}".replace("'", "")


def _characters(number: int) -> str:
    return "1 character" if number == 1 else f"{number} characters"


_WITH_FACTS: Mapping[str, Callable[[Facts], str]] = {
    "greater_than": lambda facts: f"write more than {facts['gt']}",
    "greater_than_equal": lambda facts: f"write {facts['ge']} or more",
    "less_than": lambda facts: f"write less than {facts['lt']}",
    "less_than_equal": lambda facts: f"write {facts['le']} or less",
    "multiple_of": lambda facts: f"write a multiple of {facts['multiple_of']}",
    "string_too_short": lambda facts: f"write {_characters(facts['min_length'])} or more",
    "string_too_long": lambda facts: f"write no more than {_characters(facts['max_length'])}",
    "too_short": lambda facts: f"give {facts['min_length']} or more; there are {facts['actual_length']}",
    "too_long": lambda facts: f"give no more than {facts['max_length']}",
    "string_pattern_mismatch": lambda facts: f"this is not written in the form {facts['pattern']}",
    "enum": _choices,
    "literal_error": _choices,
    "union_tag_invalid": lambda facts: f"{facts['discriminator']} is one of {facts['expected_tags']}".replace("'", ""),
    "union_tag_not_found": lambda facts: f"{facts['discriminator']} is needed".replace("'", ""),
}


def of(kind: str, message: str, facts: Facts | None = None) -> str:
    """The advice for an error of this kind; the rules of our own fields say it in their message already."""
    if kind in _WITH_FACTS and facts:
        return _WITH_FACTS[kind](facts)
    if message.startswith("value is not a valid email address"):  # the library has no kind of its own for it
        return _EMAIL
    return _WORDS.get(kind) or message.removeprefix("Value error, ")
