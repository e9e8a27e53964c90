"""Examples of whole requests, put together from the examples of their fields."""

from typing import Any

EXAMPLE_ID = "0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"
_PLAIN = {"uuid": EXAMPLE_ID, "date": "2026-11-24", "boolean": False, "null": None}


def complete_example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """One value that shows every field; what has no example of its own shows what it is when it is left out."""
    if "$ref" in schema:
        return complete_example(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    for told in ("examples", "enum"):
        if schema.get(told):
            return schema[told][0]
    for told in ("const", "default"):
        if told in schema:
            return schema[told]
    return _assembled(schema, schemas)


def _assembled(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    if "properties" in schema:
        return {name: complete_example(part, schemas) for name, part in schema["properties"].items()}
    if "items" in schema:
        return [complete_example(schema["items"], schemas)] * max(1, schema.get("minItems", 1))
    if choices := schema.get("anyOf") or schema.get("allOf"):
        return complete_example(choices[0], schemas)
    return _PLAIN.get(schema.get("format") or schema.get("type", ""))
