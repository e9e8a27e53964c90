"""The HTTP door of any service: routers, paging, documented errors, health; built once from the manifest."""

import base64
import json
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from chassis import openapi, parking_api, problems
from chassis.clock import Clock
from chassis.context import Context
from chassis.db import RETRY_AT_ONCE, Database, sqlstate
from chassis.errors import DomainError, Refused
from chassis.health_api import health_router
from chassis.inline import inline
from chassis.middleware import BODY_BYTES_MAX, Door, limited
from chassis.service import Service

ATTEMPTS_MAX = 4
STRANGERS_BYTES_MAX = 64 * 1024
"""Of a body where nobody need say who they are. Reading JSON holds up everybody else in this process."""
Item = TypeVar("Item", bound=BaseModel)


class BadCursor(Refused):
    """The cursor is not one that this list gave out. Start again without it."""


class UnreadableText(Refused):
    """The request holds a NUL character, which no text can. Remove it and send the request again."""


class DoorRoute(APIRoute):
    """Asks who is there before it reads a word; then refuses text that PostgreSQL can't hold.

    Runs again what PostgreSQL undid (deadlock, serialisation).
    """

    refuses = (UnreadableText,)
    body_bytes_max = 1024 * 1024

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        guards = list(openapi.requirements(self))
        most = self.body_bytes_max if guards else STRANGERS_BYTES_MAX

        async def handle_again(request: Request) -> Response:
            for guard in guards:
                await guard(request)
            request = limited(request, most)
            if "%00" in str(request.url) or b"\\u0000" in await request.body():
                raise UnreadableText
            for _ in range(ATTEMPTS_MAX - 1):
                try:
                    return await handle(request)
                except DBAPIError as error:
                    if sqlstate(error) not in RETRY_AT_ONCE:
                        raise
            return await handle(request)

        return handle_again


class ImportRoute(DoorRoute):
    """Takes a batch of rows at once."""

    body_bytes_max = BODY_BYTES_MAX


def router(prefix: str, *, tag: str) -> APIRouter:
    """A router whose routes are doors; those of `/imports` take larger bodies than all others."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=ImportRoute if prefix == "/imports" else DoorRoute)


def refuses(*errors: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """`responses=refuses(SlotTaken, NotFound)`: document the errors that a route can give."""
    return openapi.responses(errors)


class Page(BaseModel, Generic[Item]):
    """One page of a list; ask again with `cursor=next_cursor` until it is null."""

    items: list[Item]
    next_cursor: str | None = None


class Paging:
    """Where in a list the caller is: the sort key of the last row seen, opaque to the client."""

    refuses = (BadCursor,)

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=500, description="Rows a page.")] = 100,
        cursor: Annotated[
            str | None,
            Query(
                max_length=500,
                pattern="^[A-Za-z0-9_-]+$",
                description="`next_cursor` of the page before.",
                examples=["WyIyMDI2LTExLTI0IiwgIjAxOTliN2E0LTVhNDMtN2MwZS05ZDBlLTdiMWMzZjFmMmExMCJd"],
            ),
        ] = None,
    ) -> None:
        self.limit = limit
        self._after = _decoded(cursor) if cursor else None

    def after(self, *kinds: type[Any]) -> tuple[Any, ...] | None:
        """The sort values of the last row of the page before, of these kinds; None on the first page."""
        if self._after is None:
            return None
        try:
            return tuple(_READERS[kind](value) for kind, value in zip(kinds, self._after, strict=True))
        except (ValueError, OverflowError) as error:
            raise BadCursor from error

    def page(self, rows: Sequence[Item], key: Callable[[Item], Sequence[Any]]) -> Page[Item]:
        """Cut `limit + 1` rows to a page; `key` gives the sort values that the next page starts after."""
        shown = list(rows[: self.limit])
        more = len(rows) > self.limit
        return Page(items=shown, next_cursor=_encoded(key(shown[-1])) if more else None)


Paged = Annotated[Paging, Depends(inline(Paging))]


def _whole_number(text: str) -> int:
    if len(text) > 18:
        raise ValueError("no number of ours")
    return int(text)


_READERS: dict[type, Callable[[str], Any]] = {
    str: str,
    int: _whole_number,
    date: date.fromisoformat,
    datetime: lambda text: datetime.fromisoformat(text).astimezone(UTC),
    UUID: UUID,
}


def _encoded(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([str(each) for each in values]).encode()).decode().rstrip("=")


def _decoded(cursor: str) -> list[str]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise BadCursor from error
    if not isinstance(values, list) or not all(isinstance(each, str) and _is_text(each) for each in values):
        raise BadCursor
    return values


def _is_text(value: str) -> bool:
    """Whether PostgreSQL can hold it: JSON may escape halves of characters, and NUL."""
    return "\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value)


async def _db(request: Request) -> Database:
    context: Context = request.app.state.context
    return context.db


async def _clock(request: Request) -> Clock:
    context: Context = request.app.state.context
    return context.clock


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Db = Annotated[Database, Depends(_db)]
Now = Annotated[Clock, Depends(_clock)]
InContext = Annotated[Context, Depends(_context)]


def create_app(service: Service, context: Context) -> FastAPI:
    """The FastAPI application of a service, with health, parked messages, errors and documents in place."""
    app = create_health_app(service, context)
    for each in (*service.routers, parking_api.router):
        app.include_router(each)
    openapi.install(app)
    return app


def create_health_app(service: Service, context: Context) -> FastAPI:
    """The application of a worker: health and metrics, nothing else."""
    app = FastAPI(title=service.title, version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.servers = [{"url": f"/api/{service.name}", "description": "Behind the gateway, on one origin."}]
    app.state.context = context
    app.include_router(health_router(service))
    problems.install(app)
    app.add_middleware(Door, service=service.name)
    return app
