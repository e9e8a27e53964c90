"""Who is at the screen: an opaque session in a cookie, kept by identity and turned into short access tokens."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from chassis.message import Message
from contracts.identity import GrantChanged, StaffChanged
from web.api import Services, parsed
from web.clients.identity import Opened, Refreshed, Staff
from web.errors import ApiProblem, SignedOut

SPARE_SECONDS = 30
"""A token is renewed this long before it expires, so that no call goes out with one that expires on the way."""
KEPT_MAX = 10_000
_OF_STAFF = frozenset({StaffChanged.type, GrantChanged.type})


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person, for as long as one access token lives."""

    staff: Staff
    token: str
    session_hash: str


class _Known(NamedTuple):
    visitor: Visitor
    until: float
    attended: bool
    """Whether identity heard that somebody was there when it gave the token out."""


class Sessions:
    """Opens, knows and ends sessions. The session itself lives in the cookie and at identity, never here."""

    def __init__(self, services: Services, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asking: dict[tuple[str, bool], asyncio.Task[Visitor]] = {}

    async def open(self, email: str, password: str, *, address: str) -> Opened:
        """Sign in with e-mail and password; `ApiProblem` 401 when they do not fit, 429 after too many tries."""
        body = {"email": email, "password": password}
        headers = {"x-forwarded-for": address}
        return parsed(Opened, await self._services.ask("identity", "POST", "/sessions", headers=headers, json=body))

    async def visitor(self, session: str, *, attended: bool = True) -> Visitor:
        """The person of this session; `SignedOut` when it has ended.

        What a page asks by itself is not `attended`: it must not keep the session of somebody who has left.
        """
        key = hash_of(session)
        known = self._known.get(key)
        if known and self._clock() < known.until and (known.attended or not attended):
            self._known.move_to_end(key)
            return known.visitor
        asking = (key, attended)
        if asking not in self._asking:
            self._asking[asking] = asyncio.create_task(self._refresh(session, key, attended=attended))
            self._asking[asking].add_done_callback(lambda _: self._asking.pop(asking, None))
        return await asyncio.shield(self._asking[asking])

    async def end(self, session: str) -> None:
        """Sign out: here at once, at identity for every other replica; what can't be a session has ended already."""
        self.forget(hash_of(session))
        try:
            await self._services.ask("identity", "POST", "/sessions/end", headers={}, json={"session": session})
        except ApiProblem as problem:
            if problem.status != 422:
                raise

    def knows(self, session_hash: str) -> bool:
        """Whether nothing was heard of its end; does not ask identity, which would take it for work."""
        return session_hash in self._known

    def forget(self, session_hash: str) -> None:
        """Ask identity again before this session is believed."""
        self._known.pop(session_hash, None)

    def hear(self, messages: Sequence[Message]) -> None:
        """Ask identity again about whoever changed: disabled, another password, another role."""
        changed = {str(message.body["staff_id"]) for message in messages if message.type in _OF_STAFF}
        if changed:
            for key in [key for key, known in self._known.items() if str(known.visitor.staff.id) in changed]:
                self.forget(key)

    async def _refresh(self, session: str, key: str, *, attended: bool) -> Visitor:
        body = {"session": session, **({} if attended else {"attended": False})}
        try:
            answer = await self._services.ask("identity", "POST", "/sessions/refresh", headers={}, json=body)
        except ApiProblem as problem:
            self.forget(key)
            if problem.status in (401, 404, 422):
                raise SignedOut from problem
            raise
        fresh = parsed(Refreshed, answer)
        visitor = Visitor(staff=fresh.staff, token=fresh.access_token, session_hash=key)
        until = self._clock() + max(fresh.expires_in - SPARE_SECONDS, 1)
        self._known[key] = _Known(visitor, until, attended)
        if len(self._known) > KEPT_MAX:
            self._known.popitem(last=False)
        return visitor


class SessionCookie:
    """The cookie that holds the session: unreadable for scripts, not sent from other sites."""

    def __init__(self, *, secure: bool) -> None:
        self.secure = secure
        self.name = "__Host-needlepoint" if secure else "needlepoint"

    def read(self, request: Request) -> str | None:
        return request.cookies.get(self.name)

    def write(self, response: Response, session: str) -> None:
        response.set_cookie(self.name, session, path="/", secure=self.secure, httponly=True, samesite="lax")

    def clear(self, response: Response) -> None:
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")


def address_of(request: Request) -> str:
    """Where a request comes from, for identity, which counts tries by address."""
    return request.client.host if request.client else ""


def hash_of(session: str) -> str:
    """A name for a session that tells nobody the session."""
    return hashlib.sha256(session.encode()).hexdigest()
