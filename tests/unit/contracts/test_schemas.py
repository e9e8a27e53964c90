"""Schemas that were given out are kept: a listener written last year still understands this year's facts."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts.catalog import CATALOG
from contracts.envelope import Fact
from scripts import schemas

FORBIDDEN = re.compile(
    r"(^|_)(name|email|mail|phone|birth|dob|address|note|notes|photo|depth|area|areas|reaction|diagnosis|indication|ip|signature)($|_)"
)
PLACES = {"booking.location-changed", "booking.treatment-changed", "inventory.item-changed"}
"""About clinics and catalogues, not about persons: these may have a name and a clinic's phone."""


def test_what_is_committed_is_what_the_code_says() -> None:
    stale = [path.name for path, text in schemas.files().items() if not path.exists() or path.read_text() != text]

    assert stale == []


def test_no_committed_schema_is_broken_by_the_code() -> None:
    assert schemas.broken_promises(schemas.committed_schemas()) == []


@pytest.fixture
def session_completed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((schemas.SCHEMAS / "booking.session-completed.json").read_text())
    return found


def test_a_removed_field_is_a_break(session_completed: dict[str, Any]) -> None:
    changed = copy.deepcopy(session_completed)
    del changed["properties"]["patient_id"]

    assert list(schemas.breaks(session_completed, changed)) == ["patient_id was removed"]


def test_a_retyped_field_is_a_break_also_inside_a_line(session_completed: dict[str, Any]) -> None:
    changed = copy.deepcopy(session_completed)
    changed["$defs"]["ConsumptionLine"]["properties"]["quantity"]["type"] = "string"

    found = list(schemas.breaks(session_completed, changed))

    assert found == ["consumption[].quantity changed from integer to string"]


def test_a_lost_enum_member_and_a_new_required_field_are_breaks(session_completed: dict[str, Any]) -> None:
    changed = copy.deepcopy(session_completed)
    changed["$defs"]["Modality"]["enum"].remove("rf")
    changed["required"].append("fresh")

    assert len(list(schemas.breaks(session_completed, changed))) == 2


LINE: dict[str, Any] = {
    "type": "object",
    "properties": {"quantity": {"type": "integer"}, "side": {"type": "string", "enum": ["left", "right"]}},
    "required": ["quantity"],
}


@pytest.mark.parametrize(
    ("wrap", "where"),
    [
        (lambda line: {"anyOf": [line, {"type": "null"}]}, "it"),
        (lambda line: {"type": "object", "additionalProperties": line}, "it{}"),
        (lambda line: {"type": "array", "items": {"anyOf": [line, {"type": "null"}]}}, "it[]"),
        (lambda line: {"anyOf": [{"type": "object", "additionalProperties": line}, {"type": "null"}]}, "it{}"),
    ],
    ids=["optional", "mapping", "list of optionals", "optional mapping"],
)
def test_a_break_is_seen_however_deep_it_lies(wrap: Callable[[Any], Any], where: str) -> None:
    changes: dict[str, Callable[[Any], Any]] = {
        f"{where}.quantity was removed": lambda line: line["properties"].pop("quantity"),
        f"{where}.quantity changed from integer to string": lambda line: line["properties"].update(
            quantity={"type": "string"}
        ),
        f"{where}.side no longer has left": lambda line: line["properties"]["side"]["enum"].remove("left"),
        f"{where}.side became required: facts already told do not have it": lambda line: line["required"].append(
            "side"
        ),
    }
    before = {"type": "object", "properties": {"it": wrap(LINE)}}
    for told, change in changes.items():
        line = copy.deepcopy(LINE)
        change(line)
        assert list(schemas.breaks(before, {"type": "object", "properties": {"it": wrap(line)}})) == [told]
    assert list(schemas.breaks(before, before)) == []


def test_what_may_no_longer_be_left_empty_is_a_break_and_the_other_way_is_none() -> None:
    always: dict[str, Any] = {"properties": {"it": {"type": "integer"}}}
    perhaps: dict[str, Any] = {"properties": {"it": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}

    assert list(schemas.breaks(perhaps, always)) == ["it is no longer null"]
    assert list(schemas.breaks(always, perhaps)) == []


def test_a_new_optional_field_is_no_break(session_completed: dict[str, Any]) -> None:
    changed = copy.deepcopy(session_completed)
    changed["properties"]["fresh"] = {"type": "string"}

    assert list(schemas.breaks(session_completed, changed)) == []


def fields(fact: type[Fact]) -> Iterator[str]:
    yield from fact.model_fields


@pytest.mark.parametrize("fact", [entry.fact for entry in CATALOG], ids=lambda fact: fact.type)
def test_no_fact_has_a_field_for_personal_or_clinical_data(fact: type[Fact]) -> None:
    """CP-14, CP-16."""
    suspicious = [name for name in fields(fact) if FORBIDDEN.search(name)]

    assert fact.type in PLACES or suspicious == []
    assert fact.model_json_schema()["additionalProperties"] is False


def test_every_fact_is_registered_once_under_its_owner() -> None:
    types = [entry.fact.type for entry in CATALOG]

    assert len(types) == len(set(types))
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+(-[a-z]+)+", each) for each in types)
