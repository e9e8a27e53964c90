"""Two locks against forged changes: where the request comes from, and a token that only our pages know."""

import hashlib
import hmac
from collections.abc import Mapping

from starlette.requests import Request

from web.errors import ForgedRequest
from web.sessions import hash_of
from web.state import state_of

HEADER = "x-csrf-token"
FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def own_page(request: Request) -> None:
    """Dependency of every route: a change is asked for only by our own pages."""
    if request.method not in SAFE_METHODS and not is_from_here(request.headers):
        raise ForgedRequest


async def own_form(request: Request) -> None:
    """Dependency of every route but signing in: a change also carries the token of its session."""
    session = state_of(request).cookie.read(request)
    if request.method in SAFE_METHODS or session is None:
        return  # without a session the route itself sends the person to sign in
    expected = token_for(hash_of(session), secret=state_of(request).settings.secret.get_secret_value())
    given = request.headers.get(HEADER) or str((await request.form()).get(FIELD, ""))
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise ForgedRequest


def is_from_here(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that one of our own pages sent this: `Sec-Fetch-Site`, or `Origin` where it is old."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    _, _, sender = headers.get("origin", "").partition("://")
    return bool(sender) and sender == headers.get("host")


def token_for(session_hash: str, *, secret: str) -> str:
    """The form token of a session: nobody without our secret can make it, and it dies with the session."""
    return hmac.new(secret.encode(), f"csrf:{session_hash}".encode(), hashlib.sha256).hexdigest()
