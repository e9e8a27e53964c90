"""What every request passes: trail, trace, time, log line and headers. Pure ASGI: no buffering, no leaked tasks."""

import time
from uuid import UUID

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import telemetry, trail
from chassis.clock import new_id
from chassis.problems import TooLarge, of, of_unexpected

log = structlog.get_logger()

BODY_BYTES_MAX = 8 * 1024 * 1024
CLIENT_GONE = 499
"""Nobody is told it: whoever asked went away before they had said what they want. Known so from nginx."""
_QUIET = frozenset({"/live", "/ready", "/metrics"})


class Door:
    """Binds the request's trail and trace, times it, and writes one log line without a value of the request."""

    def __init__(self, app: ASGIApp, *, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        begun = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _harden(MutableHeaders(scope=message), correlation_id=here.correlation_id)
            await send(message)

        with (
            trail.following(trail.Trail(_asked_id(headers) or new_id())) as here,
            telemetry.span(f"{scope['method']} {self.service}", parent=headers.get("traceparent")),
        ):
            try:
                if int(headers.get("content-length") or 0) > BODY_BYTES_MAX:
                    await of(TooLarge())(scope, receive, answer)
                else:
                    await self.app(scope, _counted(receive, BODY_BYTES_MAX), answer)
            except ClientDisconnect:
                status = CLIENT_GONE
            except Exception as error:
                if status:
                    raise  # half an answer is out already: the connection must break, or the client believes it
                await of_unexpected(error)(scope, receive, answer)
            finally:
                self._note(scope, status, time.perf_counter() - begun)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        telemetry.REQUESTS.labels(self.service, scope["method"], route, str(status)).observe(seconds)
        if route not in _QUIET:
            log.info(
                "request.answered",
                service=self.service,
                method=scope["method"],
                route=route,
                status=status,
                seconds=round(seconds, 4),
            )


def _asked_id(headers: Headers) -> UUID | None:
    try:
        return UUID(headers["x-correlation-id"])
    except (KeyError, ValueError):
        return None


def _harden(headers: MutableHeaders, *, correlation_id: UUID) -> None:
    headers["x-correlation-id"] = str(correlation_id)
    headers.setdefault("x-content-type-options", "nosniff")
    headers.setdefault("cache-control", "no-store")
    headers.setdefault("referrer-policy", "same-origin")


def limited(request: Request, most: int) -> Request:
    """The same request, its body refused where it grows too large: one in chunks does not say its size before."""
    if int(request.headers.get("content-length") or 0) > most:
        raise TooLarge
    return Request(request.scope, _counted(request.receive, most))


def _counted(receive: Receive, most: int) -> Receive:
    left = most

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, "The request is too large.")
        return message

    return counted
