"""Walks every route of every service: what it asks for, and a request that would succeed for the right person."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis import openapi
from chassis.auth import Requirement
from tests.support.everyone import Chain, Json
from tests.support.house import House


@dataclass(frozen=True)
class Door:
    """One method of one route."""

    service: str
    method: str
    path: str
    requirement: Requirement | None
    operation: Json
    schemas: Json

    @property
    def name(self) -> str:
        return f"{self.service} {self.method} {self.path}"


def doors(house: House) -> Iterator[Door]:
    for service, running in house.running.items():
        document = running.app.openapi()
        for path, route in openapi.api_routes(running.app):
            asked = next(iter(openapi.requirements(route)), None)
            for method in sorted(route.methods or ()) if route.include_in_schema else ():
                operation = document["paths"][path][method.lower()]
                yield Door(service, method, path, asked, operation, document["components"]["schemas"])


@dataclass(frozen=True)
class World:
    """Ids of real things at one clinic, by the names that routes and bodies use for them."""

    chain: Chain
    ids: dict[str, str]

    def request(self, door: Door) -> dict[str, Any]:
        """Path, query and body as a caller who knows the clinic well would send them."""
        path = door.path
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}}}", value)
        query = {each["name"]: self._query(each) for each in door.operation.get("parameters", ()) if self._sends(each)}
        if door.path == "/timeline":
            query = {"appointment_id": self.ids["appointment_id"]}  # it is about exactly one thing
        body = door.operation.get("requestBody")
        schema = body["content"]["application/json"]["schema"] if body else None
        return {"url": path, "params": query, "json": self._fill(schema, door.schemas) if schema else None}

    def _sends(self, parameter: Json) -> bool:
        named = parameter["name"] in self.ids
        return parameter["in"] == "query" and (parameter.get("required", False) or named)

    def _query(self, parameter: Json) -> Any:
        name = parameter["name"]
        return self.ids.get(name) or self._fill(parameter["schema"] | parameter, {})

    def _fill(self, schema: Json, schemas: Json, name: str = "") -> Any:
        """An example that fits the schema, with the clinic's own ids wherever one is named."""
        if "$ref" in schema:
            return self._fill(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas, name)
        if name in self.ids:
            return self.ids[name]
        if schema.get("type") == "object" and "properties" in schema:
            return self._object(schema, schemas)
        if schema.get("type") == "array" and "items" in schema:
            one_of_them = self._fill(schema["items"], schemas, name.removesuffix("s"))
            return [one_of_them] * max(1, schema.get("minItems", 1))
        return self._plain(schema, schemas, name)

    def _object(self, schema: Json, schemas: Json) -> Json:
        asked = set(schema.get("required", ())) | (set(schema["properties"]) & set(self.ids))
        return {each: self._fill(part, schemas, each) for each, part in schema["properties"].items() if each in asked}

    def _plain(self, schema: Json, schemas: Json, name: str) -> Any:
        for told in ("example", "const", "default"):
            if schema.get(told) is not None:
                return schema[told]
        if schema.get("examples"):
            examples = schema["examples"]
            return examples[0] if isinstance(examples, list) else next(iter(examples.values()))["value"]
        if "enum" in schema:
            return schema["enum"][0]
        if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
            return self._fill(choices[0], schemas, name)
        plain = {"string": "something", "integer": schema.get("minimum", 1), "boolean": False, "object": {}}
        return {"uuid": str(UUID(int=7)), "date": "2026-11-24"}.get(schema.get("format", "")) or plain.get(
            schema["type"]
        )
