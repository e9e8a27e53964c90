"""OpenAPI 3.1 documents that tell every error a route can give, and an example of everything one can send."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from chassis import problems
from chassis.auth import Requirement
from chassis.errors import DomainError, Unavailable
from chassis.examples import EXAMPLE_ID, complete_example

Json = dict[str, Any]


def responses(errors: Iterable[type[DomainError]]) -> dict[int | str, dict[str, Any]]:
    """FastAPI `responses` for these errors, grouped by status, one example an error."""
    by_status: dict[int, list[type[DomainError]]] = defaultdict(list)
    for error in errors:
        by_status[problems.status_of(error)].append(error)
    return {status: _response(status, kinds) for status, kinds in by_status.items()}


def _response(status: int, kinds: list[type[DomainError]]) -> dict[str, Any]:
    return {
        "description": " ".join(kind.message() for kind in kinds),
        "content": {
            problems.MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {kind.code: {"value": _example(status, kind)} for kind in kinds},
            }
        },
    }


def _example(status: int, kind: type[DomainError]) -> dict[str, Any]:
    return {
        "type": f"urn:needlepoint:problem:{kind.code}",
        "title": kind.message(),
        "status": status,
        "code": kind.code,
        "correlation_id": EXAMPLE_ID,
    }


def api_routes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Every route with its path; FastAPI keeps those of included routers a level down."""
    for found in iter_route_contexts(app.routes):
        route = found.original_route
        if isinstance(route, APIRoute):
            yield found.path_format or route.path_format, route


def requirements(route: APIRoute) -> Iterator[Requirement]:
    """Who may use a route; a route without any is open to the world."""
    for each in _dependencies(route.dependant):
        if isinstance(each.call, Requirement):
            yield each.call


def _dependencies(dependant: Dependant) -> Iterator[Dependant]:
    for each in dependant.dependencies:
        yield each
        yield from _dependencies(each)


def install(app: FastAPI) -> None:
    """Replace the application's document by one with our errors, examples and security in it."""
    make = app.openapi

    def document() -> Json:
        if app.openapi_schema is None:
            schema = make()
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(schemas["Problem"].pop("$defs", {}))
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
            schema["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
            for path, route in api_routes(app):
                for method in (route.methods or ()) if route.include_in_schema else ():
                    _complete(schema["paths"][path][method.lower()], route, schemas)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _complete(operation: Json, route: APIRoute, schemas: Json) -> None:
    operation["security"] = [{"bearer": []}] if any(requirements(route)) else []
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _sendable(parameter["schema"])
        parameter["example"] = complete_example(parameter["schema"], schemas)
    if body := operation.get("requestBody"):
        for content in body["content"].values():
            content["example"] = complete_example(content["schema"], schemas)
    _tell_errors(operation["responses"], route)


def _sendable(schema: Json) -> Json:
    """A URL and a header can't say null: what may be null may be left out."""
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if not kinds or len(kinds) == len(schema["anyOf"]):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf" and (key, value) != ("default", None)}
    return {**kinds[0], **rest} if len(kinds) == 1 else {"anyOf": kinds, **rest}


def _tell_errors(told: Json, route: APIRoute) -> None:
    """Beside those that the route names, the errors of whatever it depends on."""
    if "422" in told and problems.MEDIA_TYPE not in told["422"].get("content", {}):
        del told["422"]  # FastAPI's own shape, which is never sent
    for status, response in responses(_errors_around(route)).items():
        known = told.setdefault(str(status), response)
        if problems.MEDIA_TYPE in known.get("content", {}):
            examples = known["content"][problems.MEDIA_TYPE]["examples"]
            for code, example in response["content"][problems.MEDIA_TYPE]["examples"].items():
                examples.setdefault(code, example)


def _errors_around(route: APIRoute) -> Iterator[type[DomainError]]:
    yield from (Unavailable, problems.InvalidRequest)
    if route.body_field is not None:
        yield problems.TooLarge
    for around in (route, *(each.call for each in _dependencies(route.dependant))):
        yield from getattr(around, "refuses", ())
