"""How an access token is made."""

from datetime import datetime

import jwt

from chassis.clock import new_id
from chassis.db import Tx
from chassis.tokens import TOKEN_TYPE, Caller, claims_for
from services.identity.keys import usecases as keys
from services.identity.machines.model import ServiceKey
from services.identity.staff.queries import Person
from services.identity.vault import Vault


async def for_person(tx: Tx, vault: Vault, person: Person, *, at: datetime) -> str:
    """A token with the roles that somebody holds now."""
    caller = Caller(id=person.staff.id, kind="staff", name="", grants=person.places)
    return await _signed(tx, vault, caller, at=at)


async def for_service(tx: Tx, vault: Vault, service: ServiceKey, *, at: datetime) -> str:
    """A token for a service in its own name: no roles, only the routes that name it."""
    caller = Caller(id=service.id, kind="service", name=service.service, grants={})
    return await _signed(tx, vault, caller, at=at)


async def _signed(tx: Tx, vault: Vault, caller: Caller, *, at: datetime) -> str:
    key = await keys.signing(tx, vault, at=at)
    return jwt.encode(
        claims_for(caller, now=at, token_id=new_id()),
        key.private_key(vault),
        algorithm="EdDSA",
        headers={"kid": str(key.kid), "typ": TOKEN_TYPE},
    )
