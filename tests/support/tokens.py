"""Access tokens for tests, signed by a key that only the test's services trust."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from chassis.clock import new_id
from chassis.tokens import TOKEN_TYPE, Caller, claims_for


class TestSigner:
    """Stands where identity stands: signs tokens and publishes the public key."""

    __test__ = False

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    async def keys(self) -> Mapping[str, Any]:
        public = OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": "test", "alg": "EdDSA", "use": "sig"}]}

    def token(self, caller: Caller, *, now: datetime) -> str:
        return self.sign(claims_for(caller, now=now, token_id=new_id()))

    def sign(self, claims: dict[str, Any], *, kid: str = "test", typ: str = TOKEN_TYPE) -> str:
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": kid, "typ": typ})


def a_member_of_staff(*roles: str, at: UUID | None = None) -> Caller:
    """Someone with these roles at one location, or at all of them when `at` is None."""
    return Caller(id=new_id(), kind="staff", name="", grants={role: _places(at) for role in roles})


def a_service(name: str) -> Caller:
    return Caller(id=new_id(), kind="service", name=name, grants={})


def _places(at: UUID | None) -> frozenset[UUID] | None:
    return None if at is None else frozenset({at})
