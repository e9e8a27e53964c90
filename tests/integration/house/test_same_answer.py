"""A command that arrives again, at once or later, is answered with the very bytes of the first time (BK-19, I16)."""

import asyncio
from uuid import uuid4

import httpx

from contracts.identity import Role
from tests.integration.house.walking import Door, World, doors
from tests.support.identity import a_member

AT_ONCE = 6


async def test_the_same_key_brings_the_same_bytes_from_every_route(world: World) -> None:
    owner = (await a_member(world.chain.house, Role.OWNER)).caller(Role.OWNER)
    done: set[str] = set()
    differing: list[str] = []

    for door in doors(world.chain.house):
        if door.method != "GET" and door.requirement:
            client = world.chain.house.client(door.service, owner)
            answers = await _several(client, door, world)
            seen = {(answer.status_code, answer.content) for answer in answers if answer.is_success}
            done |= {door.name} if seen else set()
            differing += [door.name] if len(seen) > 1 else []

    assert differing == []
    assert len(done) > 20, done


async def _several(client: httpx.AsyncClient, door: Door, world: World) -> list[httpx.Response]:
    request = {**world.request(door), "headers": {"idempotency-key": str(uuid4())}}
    return list(await asyncio.gather(*(client.request(door.method, **request) for _ in range(AT_ONCE))))
