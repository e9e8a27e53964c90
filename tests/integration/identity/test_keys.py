"""Signing keys change without anybody being signed out."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import jwt
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from chassis.errors import Unauthenticated
from chassis.run import Running
from chassis.timers import every, run_once
from chassis.tokens import TOKEN_SECONDS
from contracts.identity import Role
from services.identity.app import build
from services.identity.keys.model import PUBLISHED_AFTER, PUBLISHED_BEFORE, SigningKey
from services.identity.settings import IdentitySettings
from services.identity.timers import forget_old
from tests.integration.conftest import MoveIn
from tests.support.house import House
from tests.support.identity import (
    KEY_ENCRYPTION_KEY,
    MANHATTAN,
    PASSWORD,
    Member,
    a_member,
    context_of,
    fresh_ring,
    identity_plan,
    signed_in,
)
from tests.support.tokens import a_member_of_staff

SECOND = timedelta(seconds=1)


async def a_token(house: House, member: Member) -> str:
    answer = await house.client("identity").post("/tokens", json={"email": member.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def rotate(house: House, member: Member, **headers: str) -> httpx.Response:
    return await signed_in(house, member, Role.OPERATOR).post("/keys/rotate", headers=headers)


async def published(house: House) -> list[str]:
    keys = (await house.client("identity").get("/keys")).json()["keys"]
    return [each["kid"] for each in keys]


def kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


@pytest.mark.fault("F26", dose="signing keys rotated", holds="I15")
async def test_a_new_key_is_published_before_it_signs_and_the_old_one_until_its_tokens_expired(
    move_in: MoveIn,
) -> None:
    house = await move_in(identity_plan())
    operator = await a_member(house, Role.OPERATOR)
    old = kid(await a_token(house, operator))

    following = (await rotate(house, operator)).json()
    others = fresh_ring(house)
    await others.verify(await a_token(house, operator), now=house.clock.now())

    assert await published(house) == [old, following["kid"]]
    assert kid(await a_token(house, operator)) == old
    assert datetime.fromisoformat(following["activates_at"]) == house.clock.now() + PUBLISHED_BEFORE

    house.clock.advance(PUBLISHED_BEFORE - SECOND)
    last_of_old = await a_token(house, operator)
    house.clock.advance(SECOND)
    first_of_new = await a_token(house, operator)

    assert (kid(last_of_old), kid(first_of_new)) == (old, following["kid"])
    await others.verify(first_of_new, now=house.clock.now())  # known since before it was used

    house.clock.advance(timedelta(seconds=TOKEN_SECONDS) - 2 * SECOND)
    await fresh_ring(house).verify(last_of_old, now=house.clock.now())
    house.clock.advance(2 * SECOND)
    with pytest.raises(Unauthenticated):
        await fresh_ring(house).verify(last_of_old, now=house.clock.now())

    house.clock.advance(PUBLISHED_AFTER)
    assert await published(house) == [following["kid"]]


async def test_rotating_twice_at_once_or_with_the_same_key_is_one_rotation(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    operator = await a_member(house, Role.OPERATOR)
    await a_token(house, operator)
    same = {"idempotency-key": str(uuid4())}

    raced = await asyncio.gather(*(rotate(house, operator) for _ in range(8)))
    repeated = [await rotate(house, operator, **same) for _ in range(2)]
    house.clock.advance(timedelta(hours=1))
    again = await rotate(house, operator, **same)

    assert len({answer.json()["kid"] for answer in [*raced, *repeated, again]}) == 1
    assert repeated[0].json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (await rotate(house, operator)).json()["kid"] != again.json()["kid"]


async def test_the_very_first_key_is_made_once_however_many_ask_at_once(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())

    answers = await asyncio.gather(*(published(house) for _ in range(12)))

    assert len(answers[0]) == 1
    assert all(answer == answers[0] for answer in answers)


async def test_the_public_keys_need_no_token_and_hold_nothing_private(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())

    answer = await house.client("identity").get("/keys")

    (key,) = answer.json()["keys"]
    assert answer.status_code == 200
    assert key.keys() == {"kid", "kty", "crv", "alg", "use", "x"}
    assert (key["kty"], key["crv"], key["alg"]) == ("OKP", "Ed25519", "EdDSA")


async def test_only_operators_and_owners_of_the_whole_chain_rotate(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())

    async def tried(*roles: Role, everywhere: bool = True) -> int:
        caller = a_member_of_staff(*roles, at=None if everywhere else MANHATTAN)
        return (await house.client("identity", caller).post("/keys/rotate")).status_code

    may = {Role.OPERATOR, Role.OWNER}
    assert [await tried(role) for role in Role if role in may] == [200, 200]
    assert {await tried(role) for role in Role if role not in may} == {403}
    assert {await tried(role, everywhere=False) for role in Role} == {403}
    assert (await house.client("identity").post("/keys/rotate")).status_code == 401


async def test_the_private_half_of_a_retired_key_is_wiped(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    operator = await a_member(house, Role.OPERATOR)
    old = kid(await a_token(house, operator))
    await rotate(house, operator)
    house.clock.advance(PUBLISHED_BEFORE)

    await run_once(context_of(house), every(seconds=600, do=forget_old))

    async with context_of(house).db.reading() as tx:
        keys = {str(each.kid): each for each in await tx.scalars(select(SigningKey))}
    assert keys.pop(old).sealed_private_key is None
    assert all(each.sealed_private_key for each in keys.values())
    assert kid(await a_token(house, operator)) in keys


@pytest.mark.parametrize(("keeps_the_old_one", "status"), [(True, 200), (False, 503)])
async def test_after_a_new_key_encryption_key_the_old_one_is_still_needed(
    move_in: MoveIn, *, keeps_the_old_one: bool, status: int
) -> None:
    house = await move_in(identity_plan())
    operator = await a_member(house, Role.OPERATOR)
    await a_token(house, operator)
    another = {"key_encryption_key": SecretStr("another key-encryption key, long enough")}
    old = {"key_encryption_keys_before": (KEY_ENCRYPTION_KEY,)} if keeps_the_old_one else {}
    settings = context_of(house).settings_as(IdentitySettings).model_copy(update=another | old)

    restarted = Running(build(settings), house.carrier, clock=house.clock)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=restarted.app), base_url="http://identity.test"
    ) as client:
        answer = await client.post("/tokens", json={"email": operator.email, "password": PASSWORD})
    await restarted.stop()

    assert answer.status_code == status
    assert answer.json().get("code", "sealed_by_another") == "sealed_by_another"
