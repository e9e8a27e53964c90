"""The door to signing keys: everybody reads the public halves, operators rotate."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.errors import Forbidden
from chassis.http import Db, Now, router
from contracts.identity import OPERATIONS
from services.identity.doors import InVault
from services.identity.keys import usecases
from services.identity.keys.model import SigningKey

api = router("/keys", tag="keys")
Operations = Annotated[Scope, require(*OPERATIONS)]


class Jwk(BaseModel):
    """One public key (RFC 7517, RFC 8037)."""

    kid: UUID
    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"
    x: str = Field(examples=["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"])

    @classmethod
    def of(cls, key: SigningKey) -> "Jwk":
        return cls(kid=key.kid, x=key.x)


class JwkSet(BaseModel):
    """Every key that a valid token may be signed with, now and in the next minute."""

    keys: list[Jwk]


class Rotation(BaseModel):
    """The next key, and when it begins to sign."""

    kid: UUID
    activates_at: datetime


@api.get("")
async def list_keys(db: Db, now: Now, vault: InVault) -> JwkSet:
    """The public keys; needs no token, because it is what tokens are checked with."""
    async with db.reading() as tx:
        found = await usecases.published(tx, at=now.now())
    if not found:
        async with db.transaction() as tx:
            found = [await usecases.signing(tx, vault, at=now.now())]
    return JwkSet(keys=[Jwk.of(key) for key in found])


@api.post("/rotate")
async def rotate(command: Commanded, scope: Operations, vault: InVault) -> Rotation:
    """Publish a new key, which signs a minute later; tokens of the old one stay valid until they expire.

    Asked again within that minute, the answer is the same new key.
    """
    if scope.places is not None:  # keys belong to the chain, not to one of its locations
        raise Forbidden
    async with command.transaction() as tx:
        following = await usecases.rotate(tx, vault, at=command.context.clock.now())
        return command.answer(Rotation(kid=following.kid, activates_at=following.activates_at))
