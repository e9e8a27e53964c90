"""A PostgreSQL cluster for the whole run, and a house of services for each test that asks for one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chassis.bus.local import LocalCarrier
from tests.support.databases import TestCluster
from tests.support.house import House, Plan

MoveIn = Callable[..., Awaitable[House]]


@pytest.fixture(scope="session")
def test_cluster() -> Iterator[TestCluster]:
    with TemporaryDirectory(prefix="needlepoint-tests-") as folder:
        cluster = TestCluster(Path(folder))
        cluster.cluster.start()
        yield cluster
        cluster.cluster.stop()


@pytest.fixture
async def move_in(test_cluster: TestCluster) -> AsyncIterator[MoveIn]:
    houses: list[House] = []

    async def _move_in(*plans: Plan, carrier: LocalCarrier | None = None) -> House:
        house = House(test_cluster, carrier)
        houses.append(house)
        await house.move_in(plans)
        return house

    yield _move_in
    for house in houses:
        await house.close()
