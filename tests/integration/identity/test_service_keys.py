"""How another service proves who it is, and how its key changes without an outage."""

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from services.identity.machines import usecases
from services.identity.machines.model import ServiceKey
from services.identity.setup import ensure_service_keys
from tests.integration.conftest import MoveIn
from tests.support.house import House
from tests.support.identity import NOTIFICATIONS_KEY, context_of, fresh_ring, identity_plan

NEW_KEY = "the new key of notifications, long enough too"


async def ask(house: House, *, service: str = "notifications", key: str = NOTIFICATIONS_KEY) -> int:
    answer = await house.client("identity").post("/service-tokens", json={"service": service, "key": key})
    return answer.status_code


async def test_a_service_gets_a_token_in_its_own_name_and_without_roles(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    body = {"service": "notifications", "key": NOTIFICATIONS_KEY}

    answers = [(await house.client("identity").post("/service-tokens", json=body)).json() for _ in range(2)]

    ring = fresh_ring(house)
    callers = [await ring.verify(each["access_token"], now=house.clock.now()) for each in answers]
    assert [(each.kind, each.name, each.grants) for each in callers] == 2 * [("service", "notifications", {})]
    assert callers[0].id == callers[1].id
    assert (answers[0]["token_type"], answers[0]["expires_in"]) == ("Bearer", 300)


@pytest.mark.parametrize(
    ("service", "key"),
    [("notifications", "not the key of notifications at all"), ("billing", NOTIFICATIONS_KEY), ("notifications", " ")],
)
async def test_a_wrong_key_opens_nothing(move_in: MoveIn, service: str, key: str) -> None:
    house = await move_in(identity_plan())

    assert await ask(house, service=service, key=key) == 401
    assert await ask(house) == 200
    assert await ask(house, service=service, key=key) == 401


@pytest.mark.fault("F26", dose="a service's key replaced", holds="I15")
async def test_a_new_key_takes_the_place_of_the_old_one_when_it_is_first_used(move_in: MoveIn) -> None:
    house = await move_in(identity_plan(service_keys={"notifications": SecretStr(NEW_KEY)}))
    async with context_of(house).db.transaction() as tx:
        old = {"notifications": SecretStr(NOTIFICATIONS_KEY)}
        await usecases.ensure_service_keys(tx, old, at=house.clock.now())

    assert await ask(house, key=NOTIFICATIONS_KEY) == 200
    assert await ask(house, key=NEW_KEY) == 200
    assert await ask(house, key=NOTIFICATIONS_KEY) == 401


async def test_a_service_that_left_the_settings_gets_no_token(move_in: MoveIn) -> None:
    house = await move_in(identity_plan(service_keys={}))
    async with context_of(house).db.transaction() as tx:
        left = {"notifications": SecretStr(NOTIFICATIONS_KEY)}
        await usecases.ensure_service_keys(tx, left, at=house.clock.now())

    assert await ask(house) == 401


async def test_the_keys_of_the_settings_are_kept_as_hashes_and_only_once(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())

    await ensure_service_keys(context_of(house))
    await ensure_service_keys(context_of(house))

    async with context_of(house).db.reading() as tx:
        (kept,) = (await tx.scalars(select(ServiceKey))).all()
    assert kept.service == "notifications"
    assert NOTIFICATIONS_KEY.encode() not in kept.key_hash
