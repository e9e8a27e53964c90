"""HTTP errors as RFC 9457 problem details: the one place that knows status codes."""

from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from chassis import plain_words, trail
from chassis.command import AlreadyAnswered
from chassis.db import is_transient
from chassis.errors import (
    Conflict,
    DomainError,
    Forbidden,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class ChangedMeanwhile(Conflict):
    """Someone else changed this a moment ago. Look at it again, then repeat what you wanted."""


class TooLarge(DomainError):
    """The request is too large."""


class InvalidRequest(Refused):
    """The request is not valid; `errors` says which field and why."""


_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooLarge, 413),
    (TooMany, 429),
    (Unavailable, 503),
    (Refused, 422),
)


class FieldError(BaseModel):
    """One thing that is wrong with a request."""

    field: str = Field(examples=["body.local_start"])
    message: str = Field(examples=["this is needed"])


class Problem(BaseModel):
    """What went wrong (RFC 9457). `code` is stable; other members carry the facts of this error."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:needlepoint:problem:not_found"])
    title: str = Field(examples=["There is no such thing here."])
    status: int = Field(examples=[404])
    code: str = Field(examples=["not_found"])
    correlation_id: str = Field(examples=["0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"])
    errors: list[FieldError] | None = None


def status_of(error: type[DomainError]) -> int:
    """The status a kind of error is answered with."""
    return next(status for kind, status in _STATUS if issubclass(error, kind))


def problem(status: int, code: str, title: str, /, **fields: Any) -> JSONResponse:
    """A problem+json response; members that RFC 9457 names can't be overwritten by a field."""
    body = {
        **fields,
        "type": f"urn:needlepoint:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "correlation_id": str(trail.current().correlation_id),
    }
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE)


def of(error: DomainError) -> JSONResponse:
    """A domain error as its problem."""
    response = problem(status_of(type(error)), error.code, error.message(), **error.fields)
    if isinstance(error, TooMany):
        response.headers["retry-after"] = str(error.retry_after_seconds)
    if isinstance(error, Unavailable):
        response.headers["retry-after"] = "1"
    if isinstance(error, Unauthenticated):
        response.headers["www-authenticate"] = "Bearer"
    return response


def install(app: FastAPI) -> None:
    """Register the translation with an application."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(AlreadyAnswered, _answered)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _domain(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)  # noqa: S101 - registered for this class
    return of(error)


async def _answered(_: Request, error: Exception) -> Response:
    assert isinstance(error, AlreadyAnswered)  # noqa: S101 - registered for this class
    headers = {"idempotent-replayed": "true"}
    return Response(error.content, error.status, headers, media_type="application/json" if error.content else None)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    errors = [
        {
            "field": ".".join(map(str, each["loc"])),
            "message": plain_words.of(each["type"], each["msg"], each.get("ctx")),
        }
        for each in error.errors()
    ]
    return problem(422, InvalidRequest.code, InvalidRequest.message(), errors=errors)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    if error.status_code == 400:  # FastAPI's answer to a body that is not even text
        errors = [{"field": "body", "message": str(error.detail)}]
        return problem(422, InvalidRequest.code, InvalidRequest.message(), errors=errors)
    code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status_code, "http_error")
    response = problem(error.status_code, code, str(error.detail))
    response.headers.update(error.headers or {})
    return response


def of_unexpected(error: Exception) -> JSONResponse:
    """What nobody foresaw: 409 or 503 where a retry helps, else 500; logged here, without a value of the request."""
    if isinstance(error, StaleDataError):
        return of(ChangedMeanwhile())
    if is_transient(error):
        log.warning("request.unavailable", exc_info=error)
        return of(Unavailable())
    log.error("request.failed", exc_info=error)
    return problem(500, "internal_error", "Something failed on our side. Nothing was changed by this request.")
