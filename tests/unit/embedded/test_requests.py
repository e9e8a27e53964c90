"""Every body that any route reads, with each of its fields in turn as a careless or hostile caller would fill it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from chassis import openapi, text
from chassis.examples import complete_example
from embedded.documents import application
from embedded.roster import ROSTER

Json = dict[str, Any]
TIMES = {"date", "date-time", "date-time-local"}
FREE_TEXT = {None, text.ANY_LINE, text.SOME_LINE, text.ANY_LINES, text.SOME_LINES}
STEERING = "\x00\x07\x1b\x7f\x92\u202e\u202a\u2066\u2069"
UNSEEN = "\u200b\u00ad\ufeff\u200e\u2060\u3164"


@dataclass(frozen=True)
class Body:
    """What one route reads."""

    name: str
    reader: TypeAdapter[Any]
    schema: Json
    schemas: Json

    def with_each(self, wanted: Callable[[Json], bool], value: Any) -> Iterator[tuple[str, Any]]:
        """The name of each wanted field, and an example of the body in which it holds this value."""
        yield from _with_each(self.schema, self.schemas, wanted, value)

    def errors(self, sent: Any) -> set[str]:
        """The fields that are refused."""
        try:
            self.reader.validate_python(sent)
        except ValidationError as error:
            return {".".join(str(step) for step in each["loc"] if step != 0) for each in error.errors()}
        return set()


def _with_each(schema: Json, schemas: Json, wanted: Callable[[Json], bool], value: Any) -> Iterator[tuple[str, Any]]:
    if "$ref" in schema:
        yield from _with_each(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas, wanted, value)
    for choice in schema.get("anyOf", ()):
        yield from _with_each(choice, schemas, wanted, value)
    for name, part in schema.get("properties", {}).items():
        for inner, changed in _with_each(part, schemas, wanted, value):
            yield f"{name}.{inner}".rstrip("."), {**complete_example(schema, schemas), name: changed}
    if "items" in schema:
        for inner, changed in _with_each(schema["items"], schemas, wanted, value):
            yield inner, [changed]
    if wanted(schema):
        yield "", value


def bodies() -> Iterator[Body]:
    for service in ROSTER:
        app = application(service)
        document = app.openapi()
        for path, route in openapi.api_routes(app):
            if route.body_field is not None and route.include_in_schema:
                method = next(iter(route.methods or ())).lower()
                schema = document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
                read: Any = route.body_field.field_info.annotation
                yield Body(f"{method} {service}{path}", TypeAdapter(read), schema, document["components"]["schemas"])


BODIES = list(bodies())
every_body = pytest.mark.parametrize("body", BODIES, ids=lambda body: body.name)


def is_time(schema: Json) -> bool:
    return schema.get("format") in TIMES


def is_free_text(schema: Json) -> bool:
    named = {"format", "enum", "const"} & schema.keys()
    return schema.get("type") == "string" and not named and schema.get("pattern") in FREE_TEXT


def is_a_name(schema: Json) -> bool:
    return is_free_text(schema) and schema["pattern"] in (text.SOME_LINE, text.SOME_LINES)


def test_there_are_names_and_times_to_look_at() -> None:
    assert sum(1 for body in BODIES for _ in body.with_each(is_a_name, "")) > 40
    assert sum(1 for body in BODIES for _ in body.with_each(is_time, "")) > 20


@every_body
def test_a_number_is_never_read_as_a_day_or_a_time(body: Body) -> None:
    for number in (0, 1, 1.5, 20261124, 1_795_000_000, "0", "20261124", True):
        for field, sent in body.with_each(is_time, number):
            assert field in body.errors(sent), number


@every_body
def test_no_text_steers_what_stands_around_it(body: Body) -> None:
    for hostile in STEERING:
        for field, sent in body.with_each(is_free_text, f"Mary{hostile} Holt"):
            assert field in body.errors(sent), ascii(hostile)


@every_body
def test_a_name_has_something_in_it_to_be_seen(body: Body) -> None:
    for blank in ("", "   ", "\u00a0", UNSEEN, "\u3164\u2800", "\u200d\ufe0f"):
        for field, sent in body.with_each(is_a_name, blank):
            assert field in body.errors(sent), ascii(blank)


@every_body
def test_what_cannot_be_seen_is_not_kept(body: Body) -> None:
    for field, sent in body.with_each(is_free_text, f" Mary{UNSEEN}  Holt "):
        if not body.errors(sent):
            kept = str(body.reader.validate_python(sent))
            assert not set(kept) & set(UNSEEN), field
