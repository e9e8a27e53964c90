"""The OpenAPI document of a service, held against what the service answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from re import Pattern
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.routing import compile_path

from chassis import openapi
from chassis.problems import MEDIA_TYPE

Routes = frozenset[tuple[str, Callable[..., Any]]]

UNFORESEEN = "internal_error"
"""What no document promises; tests that provoke it look for it themselves."""


@dataclass(frozen=True)
class Operation:
    """One method of one route, as the document tells of it."""

    method: str
    path: str
    told: dict[str, Any]
    pattern: Pattern[str]

    def codes(self, status: int) -> set[str]:
        """The codes of the problems that are documented for a status."""
        content = self.told["responses"].get(str(status), {}).get("content", {})
        return set(content.get(MEDIA_TYPE, {}).get("examples", {}))


class Document:
    """Tells which operation an answer belongs to, and whether it may be answered like that."""

    def __init__(self, app: FastAPI) -> None:
        self._operations = [
            Operation(method.upper(), path, told, compile_path(path)[0])
            for path, methods in app.openapi()["paths"].items()
            for method, told in methods.items()
        ]

    def operation(self, request: httpx.Request) -> Operation | None:
        """The first that fits, as routing finds it; None where there is no such route."""
        fitting = (each for each in self._operations if each.pattern.match(request.url.path))
        return next((each for each in fitting if each.method == request.method), None)

    def must_tell(self, answer: httpx.Response) -> None:
        """Fail the test that meets a problem its route does not document."""
        operation = self.operation(answer.request)
        code = answer.json()["code"]
        if operation is None or code == UNFORESEEN:
            return
        name = f"{operation.method} {operation.path}"
        assert code in operation.codes(answer.status_code), f"{name} does not document {answer.status_code} {code}"


_documents: dict[Routes, Document] = {}


def document_of(app: FastAPI) -> Document:
    """One for all applications with the same routes: to make it takes as long as a dozen requests."""
    routes = frozenset((path, route.endpoint) for path, route in openapi.api_routes(app))
    if routes not in _documents:
        _documents[routes] = Document(app)
    return _documents[routes]


def holding_to(app: FastAPI) -> Callable[[httpx.Response], Awaitable[None]]:
    """A hook for HTTP clients that reads every problem against the document."""

    async def check(answer: httpx.Response) -> None:
        if answer.headers.get("content-type", "").startswith(MEDIA_TYPE):
            await answer.aread()
            document_of(app).must_tell(answer)

    return check
