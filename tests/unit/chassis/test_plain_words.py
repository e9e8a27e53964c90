"""What a person reads when a request is not valid says what to write, not how the validator is built."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, EmailStr, Field, TypeAdapter, ValidationError

from chassis import plain_words
from chassis.fields import Day, Written


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str


def told(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (error,) = caught.value.errors()
    return plain_words.of(error["type"], error["msg"], error.get("ctx"))


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Form, {}, "this is needed"),
        (Form, {"name": "a", "nmae": "a"}, "there is no such field here"),
        (Form, 3, "write an object, with its fields by name"),
        (str, 3, "write text"),
        (int, "three", "write a whole number"),
        (int, 2.5, "write a whole number"),
        (float, "three", "write a number"),
        (bool, "perhaps", "write true or false"),
        (date, "soon", "this is no day of the calendar; write it as 2026-11-24"),
        (datetime, "soon", "this is no time of the calendar; write it as 2026-11-24T10:00:00"),
        (AwareDatetime, "2026-11-24T10:00", "say how far this time is from UTC, as in 2026-11-24T10:00:00-05:00"),
        (UUID, "me", "this is no id; one looks like 0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"),
        (EmailStr, "mary.holt", "an e-mail address looks like name@clinic.example"),
        (Side, "middle", "write one of left or right"),
        (Literal["a", "b"], "c", "write one of a or b"),
        (list[int], "abc", "write a list"),
        (Annotated[int, Field(ge=5)], 4, "write 5 or more"),
        (Annotated[int, Field(gt=5)], 5, "write more than 5"),
        (Annotated[int, Field(le=600)], 601, "write 600 or less"),
        (Annotated[int, Field(lt=6)], 6, "write less than 6"),
        (Annotated[str, Field(min_length=1)], "", "write 1 character or more"),
        (Annotated[str, Field(max_length=3)], "long", "write no more than 3 characters"),
        (Annotated[str, Field(pattern="^A+$")], "a", "this is not written in the form ^A+$"),
        (Annotated[str, Written("A+", "write some A")], "AAB", "write some A"),
        (Annotated[list[int], Field(min_length=1)], [], "give 1 or more; there are 0"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "give no more than 1"),
    ],
)
def test_each_kind_of_mistake_has_its_words(kind: Any, value: Any, words: str) -> None:
    assert told(kind, value) == words


def test_a_rule_of_our_own_keeps_its_words() -> None:
    assert told(Day, "24/11/2026") == "write the day as 2026-11-24; it lies between 1900 and 2199"


def test_a_day_that_no_month_has_is_no_day_of_the_calendar() -> None:
    assert "of the calendar" in told(Day, "2026-02-30")
