"""Builders for tests of identity: a house with cheap passwords, people with roles, and their ways in."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr

from chassis.clock import new_id
from chassis.context import Context
from chassis.tokens import Caller, KeyRing
from contracts.identity import Role
from contracts.values import LocationId, StaffId
from services.identity.app import build
from services.identity.doors import passwords_of
from services.identity.settings import IdentitySettings
from services.identity.staff import usecases
from tests.support.house import House, Plan, plan

KEY_ENCRYPTION_KEY = SecretStr("a key-encryption key for tests, only for tests")
NOTIFICATIONS_KEY = "the key of notifications, which is long enough"
PASSWORD = "correct horse battery staple"
MANHATTAN = LocationId(UUID("0199b7a4-0000-7000-8000-000000000001"))
HARBOUR = LocationId(UUID("0199b7a4-0000-7000-8000-000000000002"))

CHEAP = {"password_memory_kib": 8, "password_passes": 1, "password_lanes": 1}
"""Argon2 that takes no time: what the tests ask is whether it is used rightly."""


def identity_plan(**more: Any) -> Plan:
    """Identity with cheap passwords; keyword arguments are settings."""
    settings = {
        "key_encryption_key": KEY_ENCRYPTION_KEY,
        "service_keys": {"notifications": SecretStr(NOTIFICATIONS_KEY)},
        **CHEAP,
    }
    return plan(build, IdentitySettings, **(settings | more))


@dataclass(frozen=True)
class Member:
    """Somebody who works here, as a test knows them."""

    id: StaffId
    email: str

    def caller(self, *roles: Role, at: LocationId | None = None) -> Caller:
        """Them, with a token that says they hold these roles."""
        places = None if at is None else frozenset({at})
        return Caller(id=self.id, kind="staff", name="", grants={role.value: places for role in roles})


def context_of(house: House) -> Context:
    return house.running["identity"].context


def fresh_ring(house: House) -> KeyRing:
    """What another service has that just started: no key yet, and identity to ask."""
    return KeyRing(context_of(house).peers.public_keys)


async def a_member(house: House, *roles: Role, at: LocationId | None = None, email: str | None = None) -> Member:
    """Somebody enrolled with these roles, at one location or at all of them."""
    context = context_of(house)
    email = email or f"{new_id().hex}@needlepoint.example"
    password_hash = await passwords_of(context.settings_as(IdentitySettings)).hash(PASSWORD, email=email)
    async with context.db.transaction() as tx:
        staff = await usecases.enrol(
            tx, email=email, display_name="Ada Sharpe", password_hash=password_hash, at=house.clock.now()
        )
        for role in roles:
            await usecases.grant(tx, staff.id, role, at, at=house.clock.now())
    return Member(staff.id, email)


async def sign_in(
    house: House, email: str, password: str = PASSWORD, *, address: str = "203.0.113.7"
) -> httpx.Response:
    """Ask for a session, from this address."""
    body = {"email": email, "password": password}
    async with house.client("identity") as client:
        return await client.post("/sessions", json=body, headers={"x-forwarded-for": address})


async def refresh(house: House, session: str) -> httpx.Response:
    async with house.client("identity") as client:
        return await client.post("/sessions/refresh", json={"session": session})


def signed_in(house: House, member: Member, *roles: Role, at: LocationId | None = None) -> httpx.AsyncClient:
    """A client that acts for somebody, with a token for these roles."""
    return house.client("identity", member.caller(*roles, at=at))
