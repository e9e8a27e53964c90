"""One broker for the run, a corner of it for each test, and a marks service beside it."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.integration.kafka.desk import Desk
from tests.support import kafka, marks
from tests.support.bus import Bus
from tests.support.house import plan
from tests.support.kafka import Broker
from tests.support.network import Link

RUN = f"t{uuid4().hex[:8]}-"
"""Before every topic of this run, so that a broker that lives longer can be used again."""


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    if not kafka.kinds():
        pytest.skip(kafka.told())
    broker = kafka.started(kafka.kinds())
    yield broker
    broker.close()


@pytest.fixture
def mortal(broker: Broker) -> Iterator[Broker]:
    """The same broker, where it may be killed and frozen; it lives again when the test is over."""
    if not broker.can_die:
        pytest.skip(f"this broker can't be killed, so crashes of a broker stay unproved ({kafka.told()})")
    yield broker
    broker.thaw()
    broker.start()


@pytest.fixture
async def link(broker: Broker) -> AsyncIterator[Link]:
    """The network between us and the broker, for whoever is told to go by `link.port`."""
    if broker.detour is None:
        pytest.skip(f"no network can be laid between us and this broker ({kafka.told()})")
    async with Link(("127.0.0.1", broker.detour.inner), port=broker.detour.outer) as link:
        yield link


@pytest.fixture
async def bus(broker: Broker) -> AsyncIterator[Bus]:
    bus = Bus(broker, run=RUN)
    await bus.create()
    yield bus
    await bus.close()


@pytest.fixture
async def desk(move_in: MoveIn, bus: Bus) -> Desk:
    """The marks service with its database, its relay on Kafka, and nothing running."""
    return Desk(await move_in(plan(marks.build, ServiceSettings, lock_timeout_ms=300)), bus)
