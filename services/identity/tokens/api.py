"""The door to access tokens, for people with scripts and for the other services."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from chassis.fields import ANY_TEXT
from chassis.http import Db, Now, refuses, router
from chassis.tokens import TOKEN_SECONDS
from services.identity.attempts.model import TooManySignIns
from services.identity.doors import InSettings, InVault
from services.identity.machines import usecases as machines
from services.identity.machines.model import WrongServiceKey
from services.identity.sign_in import AtGate, Credentials, WrongCredentials
from services.identity.tokens import usecases

api = router("", tag="tokens")


class ServiceCredentials(BaseModel):
    """What a service proves itself with."""

    model_config = ConfigDict(extra="forbid")

    service: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,39}$", examples=["notifications"])]
    key: SecretStr = Field(
        min_length=1,
        max_length=512,
        examples=["q0PpWq2nq1gq7JcVhHnUj5l6m8r9s0t1u2v3w4x5y6z"],
        json_schema_extra=ANY_TEXT,
    )


class TokenOut(BaseModel):
    """An access token, to be sent as `Authorization: Bearer …`."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int = Field(default=TOKEN_SECONDS, examples=[TOKEN_SECONDS])


@api.post("/tokens", responses=refuses(WrongCredentials, TooManySignIns))
async def issue_token(credentials: Credentials, gate: AtGate, vault: InVault) -> TokenOut:
    """A token for a member of staff."""
    proof = await gate.prove(credentials.email, credentials.password)
    async with gate.db.transaction() as tx:
        token = await usecases.for_person(tx, vault, await proof.person(tx), at=gate.at)
    return TokenOut(access_token=token)


@api.post("/service-tokens", responses=refuses(WrongServiceKey))
async def issue_service_token(
    asked: ServiceCredentials, db: Db, now: Now, *, settings: InSettings, vault: InVault
) -> TokenOut:
    """A token for another service, in its own name."""
    at, key = now.now(), asked.key.get_secret_value()
    async with db.transaction() as tx:
        service = await machines.prove(tx, asked.service, key, settings=settings.service_keys, at=at)
        token = await usecases.for_service(tx, vault, service, at=at)
    return TokenOut(access_token=token)
