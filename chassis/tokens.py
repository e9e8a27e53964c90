"""Short EdDSA access tokens (RFC 7519, RFC 8037): how one is checked, and where the public keys come from."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import jwt
from jwt.algorithms import OKPAlgorithm

from chassis.errors import Unauthenticated, Unavailable

ISSUER = "needlepoint"
AUDIENCE = "needlepoint-api"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068's media type, not a secret
TOKEN_SECONDS = 300
"""How long a token lives: a role that was taken away is gone after this time at the latest."""
KEYS_SECONDS = 300
"""How long keys are believed before they are asked for again: a key that was withdrawn is of no use after this."""
_REFETCH_SECONDS = 5.0
BELIEVED_MAX = 4096

KeySource = Callable[[], Awaitable[Mapping[str, Any]]]
"""Fetches identity's JSON Web Key Set (RFC 7517)."""

Grants = Mapping[str, frozenset[UUID] | None]
"""Role → locations; None means every location of the chain."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: a member of staff or another service, and where they may do what they ask."""

    id: UUID
    kind: Literal["staff", "service"]
    name: str
    """The service's name; empty for people, whose names stay in identity."""
    grants: Grants

    def places(self, roles: frozenset[str]) -> frozenset[UUID] | None:
        """The locations at which any of these roles was granted; None for everywhere."""
        granted = [self.grants[role] for role in roles if role in self.grants]
        if any(places is None for places in granted):
            return None
        return frozenset(place for places in granted for place in places or ())


class KeyRing:
    """Identity's public keys by key id. An unknown id makes it look again, and so do keys that were looked at long ago;
    at most every few seconds.
    """

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._keys: dict[str, Any] = {}
        self._fetched = float("-inf")
        self._fresh_until = 0.0
        """By the clock that tokens are checked against."""
        self._fetching: asyncio.Task[None] | None = None
        self._believed: dict[str, tuple[Caller, float, float]] = {}

    async def verify(self, token: str, *, now: datetime) -> Caller:
        """The caller a token stands for; `Unauthenticated` for anything that is not exactly right.

        A token that was checked is remembered with its times: a busy desk sends the same one all day.
        """
        await self._keep_fresh(now)
        if token not in self._believed:
            claims = await self._checked(token, now)
            if len(self._believed) >= BELIEVED_MAX:
                self._believed.clear()
            self._believed[token] = (_caller(claims), claims["nbf"] - 30, claims["exp"])
        caller, begins, ends = self._believed[token]
        if not begins <= now.timestamp() < ends:
            raise Unauthenticated
        return caller

    async def _checked(self, token: str, now: datetime) -> Mapping[str, Any]:
        """The claims of a token that is rightly signed and complete; its times are for the caller to check."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")), now)
            if key is None or header.get("typ") != TOKEN_TYPE:
                raise Unauthenticated
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key=key,
                algorithms=["EdDSA"],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={  # times are checked against the clock we were given
                    "require": ["exp", "nbf", "sub", "kind", "grants"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
            _caller(claims)
            return claims
        except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
            raise Unauthenticated from error

    async def _key(self, kid: str, now: datetime) -> Any:
        if kid not in self._keys and time.monotonic() - self._fetched > _REFETCH_SECONDS:
            await self._look_again(now)
        return self._keys.get(kid)

    async def _keep_fresh(self, now: datetime) -> None:
        """Ask again for keys that are old; those we have go on being good while nobody answers."""
        is_fresh = self._fresh_until - KEYS_SECONDS <= now.timestamp() < self._fresh_until
        if not self._keys or is_fresh:
            return
        with suppress(Unavailable):
            await self._look_again(now)
            return
        self._fresh_until = now.timestamp() + _REFETCH_SECONDS

    async def _look_again(self, now: datetime) -> None:
        """Whoever comes while the keys are on their way waits for them too, or their good token is refused."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch(now))
        await asyncio.shield(self._fetching)

    async def _fetch(self, now: datetime) -> None:
        answer = await self._source()
        self._believed.clear()
        self._keys = {each["kid"]: OKPAlgorithm.from_jwk(dict(each)) for each in answer["keys"]}
        self._fetched = time.monotonic()
        self._fresh_until = now.timestamp() + KEYS_SECONDS


def _caller(claims: Mapping[str, Any]) -> Caller:
    grants = {
        role: None if places == "*" else frozenset(UUID(place) for place in places)
        for role, places in claims["grants"].items()
    }
    return Caller(id=UUID(claims["sub"]), kind=claims["kind"], name=claims.get("service", ""), grants=grants)


def claims_for(caller: Caller, *, now: datetime, token_id: UUID) -> dict[str, Any]:
    """The claims identity signs for a caller; the counterpart of `KeyRing.verify`."""
    issued = int(now.timestamp())
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(caller.id),
        "kind": caller.kind,
        "service": caller.name,
        "grants": {role: "*" if places is None else sorted(map(str, places)) for role, places in caller.grants.items()},
        "iat": issued,
        "nbf": issued,
        "exp": issued + TOKEN_SECONDS,
        "jti": str(token_id),
    }
