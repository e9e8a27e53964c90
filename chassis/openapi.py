"""OpenAPI 3.1 documents that tell every error a route can give, each with an example."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from chassis import problems
from chassis.auth import Requirement
from chassis.errors import DomainError, Forbidden, NotFound, Unauthenticated, Unavailable

_EXAMPLE_ID = "0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"


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
        "correlation_id": _EXAMPLE_ID,
    }


def api_routes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Every route with its path; FastAPI keeps those of included routers a level down."""
    for found in iter_route_contexts(app.routes):
        route = found.original_route
        if isinstance(route, APIRoute):
            yield found.path_format or route.path_format, route


def requirements(route: APIRoute) -> Iterator[Requirement]:
    """Who may use a route; a route without any is open to the world."""
    yield from _requirements(route.dependant)


def _requirements(dependant: Dependant) -> Iterator[Requirement]:
    if isinstance(dependant.call, Requirement):
        yield dependant.call
    for each in dependant.dependencies:
        yield from _requirements(each)


def install(app: FastAPI) -> None:
    """Replace the application's document by one with our errors and security in it."""
    make = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = make()
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(schemas["Problem"].pop("$defs", {}))
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
            schema["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
            for path, route in api_routes(app):
                if route.include_in_schema:
                    _complete(schema["paths"][path], route)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _complete(path: dict[str, Any], route: APIRoute) -> None:
    asked = list(requirements(route))
    for method in route.methods or ():
        operation = path[method.lower()]
        operation["security"] = [{"bearer": []}] if asked else []
        told: dict[str, Any] = operation["responses"]
        if "422" in told and problems.MEDIA_TYPE not in told["422"].get("content", {}):
            del told["422"]
        common: list[type[DomainError]] = [Unavailable, problems.InvalidRequest]
        if asked:
            common += [Unauthenticated, Forbidden, NotFound]
        for status, response in responses(common).items():
            told.setdefault(str(status), response)
