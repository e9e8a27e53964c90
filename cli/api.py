"""A signed-in client of a running Needlepoint: tokens that renew themselves, commands that may be sent twice."""

import asyncio
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from chassis.clock import new_id

SERVICES = ("identity", "booking", "billing", "inventory", "notifications", "audit")
TIMEOUT_SECONDS = 60.0
ATTEMPTS_MAX = 5
RENEW_SECONDS = 30.0
"""A token that lives shorter than this is renewed before it is used."""
_LATER = frozenset({429, 502, 503, 504})


class ApiError(RuntimeError):
    """What the command line tells when a call did not do what was asked."""


class UnreachableError(ApiError):
    def __init__(self, url: str) -> None:
        super().__init__(f"Nothing answers at {url}. Start it (needlepoint up), or name another address with --url.")


class NoCredentialsError(ApiError):
    def __init__(self) -> None:
        super().__init__("Say who is asking: --email and --password, or NEEDLEPOINT_EMAIL and NEEDLEPOINT_PASSWORD.")


class RefusedError(ApiError):
    """The problem document of an answer (RFC 9457)."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.problem = problem
        wrong = "; ".join(f"{each['field']}: {each['message']}" for each in problem.get("errors") or ())
        super().__init__(f"{problem.get('title', 'Refused.')} ({status} {self.code}){f' {wrong}' if wrong else ''}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks: e-mail and password, or a token that somebody else got."""

    email: str | None = None
    password: str | None = None
    token: str | None = None


class Api:
    """`async with Api(url, credentials) as api: await api.get("booking", "/locations")`."""

    def __init__(
        self, url: str, credentials: Credentials, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._credentials = credentials
        self._client = httpx.AsyncClient(base_url=self.url, timeout=TIMEOUT_SECONDS, transport=transport)
        self._token = credentials.token or ""
        self._good_until = float("inf") if credentials.token else 0.0
        self._signing_in = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, service: str, path: str, **params: Any) -> Any:
        """The JSON of an answer; raises `RefusedError` for a problem."""
        return await self._call("GET", service, path, params=params)

    async def post(self, service: str, path: str, body: Any, **params: Any) -> Any:
        """Send a command under a key of its own: if the answer is lost, the same command goes out again."""
        return await self._call("POST", service, path, json=body, params=params, key=str(new_id()))

    async def sign_in(self) -> None:
        """Get a token now, so that a wrong password is told before any work is done."""
        await self._bearer()

    async def _call(self, method: str, service: str, path: str, *, key: str | None = None, **how: Any) -> Any:
        headers = {"authorization": f"Bearer {await self._bearer()}"}
        if key:
            headers["idempotency-key"] = key
        answer = await self._send(method, f"/api/{service}{path}", headers=headers, **how)
        return _read(answer)

    async def _send(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Send until it is answered; what we send may arrive twice, so everything carries its key."""
        for attempt in range(ATTEMPTS_MAX):
            try:
                answer = await self._client.request(method, path, **how)
            except httpx.TransportError as error:
                if attempt == ATTEMPTS_MAX - 1 or isinstance(error, httpx.ConnectError):
                    raise UnreachableError(self.url) from error
            else:
                if answer.status_code not in _LATER or attempt == ATTEMPTS_MAX - 1:
                    return answer
                await asyncio.sleep(float(answer.headers.get("retry-after", 0)))
            await asyncio.sleep(0.2 * 2**attempt)
        raise UnreachableError(self.url)

    async def _bearer(self) -> str:
        async with self._signing_in:
            if time.monotonic() > self._good_until - RENEW_SECONDS:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        who = self._credentials
        if not who.email or not who.password:
            raise NoCredentialsError
        body = {"email": who.email, "password": who.password}
        issued = _read(await self._send("POST", "/api/identity/tokens", json=body))
        self._token = issued["access_token"]
        self._good_until = time.monotonic() + issued["expires_in"]


def _read(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    raise RefusedError(answer.status_code, problem if isinstance(problem, dict) else {})
