"""One chain with a day behind it for all tests of a file, and the front end before it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fastapi import FastAPI

from contracts.identity import Role
from tests.support.databases import TestCluster
from tests.support.everyone import Chain, everyone, open_chain, settle, visits
from tests.support.front import Guest, a_guest, front
from tests.support.house import House

SignIn = Callable[..., Awaitable[Guest]]


@pytest.fixture(scope="module")
async def chain(test_cluster: TestCluster) -> AsyncIterator[Chain]:
    """Sold, redeemed, invoiced, cancelled and missed visits; `chain.visits` has their ids."""
    house = House(test_cluster)
    await house.move_in(everyone())
    chain = await open_chain(house)
    await visits(chain)
    await settle(house)
    yield chain
    await house.close()


@pytest.fixture(scope="module")
async def site(chain: Chain) -> AsyncIterator[FastAPI]:
    async with front(chain.house) as site:
        yield site


@pytest.fixture
async def sign_in(chain: Chain, site: FastAPI) -> AsyncIterator[SignIn]:
    """Signs somebody in who has these roles at the clinic."""
    guests: list[Guest] = []

    async def one(*roles: Role) -> Guest:
        guests.append(await a_guest(chain, site, *roles))
        return guests[-1]

    yield one
    for guest in guests:
        await guest.http.aclose()
