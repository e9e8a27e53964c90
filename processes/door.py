"""The one door before many processes: `/api/<service>/…` to that service, health, and everything else to the web.

It passes on what it gets piece by piece, so that a long export and a stream that never ends go through as they come.
A deployment has a gateway of its own in its place; this one speaks plain HTTP, for one machine.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import count

import httpx
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.problems import problem

log = structlog.get_logger()

# No time-out for reading: a stream of hints is silent for as long as nothing happens.
TIMEOUT = httpx.Timeout(None, connect=2, write=30, pool=5).as_dict()  # seconds
READY_TIMEOUT = httpx.Timeout(5).as_dict()
LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=5)
"""As many connections as it takes: every page that is open in a browser holds one."""
OF_ONE_CONNECTION = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade".split()
)
"""Headers that say something about a connection, not about what is sent (RFC 9110)."""
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
_API = "/api/"


class Door:
    """Knows where everybody answers; of several that do the same, each has its turn."""

    def __init__(self, apis: Mapping[str, Sequence[str]], web: Sequence[str], *, watched: Mapping[str, str]) -> None:
        """`apis` and `web` are addresses, `watched` those of all processes by their names."""
        self._apis = apis
        self._web = web
        self._watched = watched
        self._out = httpx.AsyncHTTPTransport(limits=LIMITS, trust_env=False)
        self._turns = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await (await self._answer(Request(scope, receive)))(scope, receive, send)

    async def close(self) -> None:
        await self._out.aclose()

    async def _answer(self, request: Request) -> ASGIApp:
        path: str = request.scope["path"]
        if path == "/live":
            return JSONResponse({"status": "live"})
        if path == "/ready":
            return await self._ready()
        if not path.startswith(_API):
            return await self._pass_on(request, self._web)
        found = self._apis.get(path.removeprefix(_API).partition("/")[0])
        if found is None:
            return problem(404, "not_found", f"There is no service of this name; there are {', '.join(self._apis)}.")
        return await self._pass_on(request, found)

    async def _pass_on(self, request: Request, addresses: Sequence[str]) -> Response:
        """To the one whose turn it is; to the next when nobody is there. A change is never sent twice."""
        first = next(self._turns)
        body = request.stream() if _has_body(request) else None
        for turn in range(first, first + len(addresses) + 1):
            try:
                same = _same(request, addresses[turn % len(addresses)], body)
                return _passed_back(await self._out.handle_async_request(same))
            except httpx.ConnectError:
                continue
            except httpx.TransportError as error:
                if request.method in REPEATABLE and body is None:
                    continue
                log.warning("request.broke", exc_info=error)
                return _gone(502, "This part of the system broke off. Whether it did what was asked is not known.")
        return _gone(503, "This part of the system is not there just now. Try again in a moment.")

    async def stuck(self) -> dict[str, list[str]]:
        """The processes that can't work just now, each with what is stuck in it."""
        said = await asyncio.gather(*(self._stuck(address) for address in self._watched.values()))
        return {name: what for name, what in zip(self._watched, said, strict=True) if what}

    async def _ready(self) -> JSONResponse:
        """Ready when every process is."""
        if stuck := await self.stuck():
            return problem(503, "not_ready", "Not every process can work just now.", stuck=stuck)
        return JSONResponse({"status": "ready", "services": list(self._apis), "processes": list(self._watched)})

    async def _stuck(self, address: str) -> list[str]:
        asked = httpx.Request("GET", f"{address}/ready", extensions={"timeout": READY_TIMEOUT})
        try:
            answer = await self._out.handle_async_request(asked)
            await answer.aread()
            stuck: list[str] = [] if answer.is_success else answer.json()["stuck"]
        except (httpx.TransportError, ValueError, KeyError):
            return ["does not answer"]
        return stuck


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"


def _same(request: Request, address: str, body: AsyncIterator[bytes] | None) -> httpx.Request:
    """The request as it came, with what a proxy has to add."""
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    client = request.client.host if request.client else "unknown"
    headers = [each for each in request.headers.raw if each[0] not in OF_ONE_CONNECTION]
    headers += [(b"x-forwarded-for", client.encode()), (b"x-forwarded-proto", request.url.scheme.encode())]
    url = httpx.URL(address).copy_with(raw_path=path + (b"?" + query if query else b""))
    return httpx.Request(request.method, url, headers=headers, content=body, extensions={"timeout": TIMEOUT})


def _passed_back(answer: httpx.Response) -> StreamingResponse:
    response = StreamingResponse(_pieces(answer), answer.status_code)
    headers = ((name.lower(), value) for name, value in answer.headers.raw)
    response.raw_headers = [each for each in headers if each[0] not in OF_ONE_CONNECTION]
    return response


async def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_raw():
            yield piece
    finally:
        await answer.aclose()


def _gone(status: int, title: str) -> Response:
    response = problem(status, "unavailable", title)
    response.headers["retry-after"] = "1"
    return response
