"""Facts that another process has committed are relayed at once, though the relay looks by itself only now and then."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from chassis.clock import new_id
from chassis.db import Database
from chassis.knocking import Knocking, knock
from chassis.outbox import emit
from chassis.relay import Relay
from chassis.settings import ServiceSettings
from tests.integration.chassis.test_guarantees import Collecting
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import NOON, House, plan
from tests.support.waiting import eventually

MARKS = plan(marks.build, ServiceSettings)
LONG_SECONDS = 600


@pytest.fixture
async def house(move_in: MoveIn) -> House:
    return await move_in(MARKS)


@pytest.fixture
async def elsewhere(house: House) -> AsyncIterator[Database]:
    """The same database, as another process has it."""
    db = Database(house.running["marks"].service.settings, name="marks")
    yield db
    await db.close()


@asynccontextmanager
async def running(loop: Relay | Knocking) -> AsyncIterator[None]:
    task = asyncio.create_task(loop.run())
    yield
    loop.stop()
    await task


@asynccontextmanager
async def leading(house: House, bus: Collecting) -> AsyncIterator[None]:
    """A relay that was given its first fact, and will not look again by itself."""
    db = house.running["marks"].context.db
    async with running(Relay(db, bus, poll_seconds=LONG_SECONDS)):
        await tell(db)
        await eventually(_has(bus, 1))
        yield


async def tell(db: Database) -> None:
    async with db.transaction() as tx:
        emit(tx, marks.MarkMade(mark_id=new_id(), version=1, at=NOON, text="here"))


def _has(bus: Collecting, count: int) -> Callable[[], Awaitable[bool]]:
    async def has() -> bool:
        return len(bus.messages) == count

    return has


async def test_a_process_that_relays_nothing_wakes_the_one_that_does(house: House, elsewhere: Database) -> None:
    bus = Collecting()

    async with leading(house, bus), running(Knocking(elsewhere)):
        for told in range(2, 5):
            await tell(elsewhere)

            await eventually(_has(bus, told))


async def test_a_relay_that_stands_by_wakes_the_one_that_leads(house: House, elsewhere: Database) -> None:
    bus, idle = Collecting(), Collecting()

    async with leading(house, bus), running(Relay(elsewhere, idle, poll_seconds=LONG_SECONDS)):
        await asyncio.sleep(0)
        await tell(elsewhere)

        await eventually(_has(bus, 2))
    assert idle.messages == []


async def test_that_nobody_could_be_told_is_no_failure(house: House) -> None:
    """The process would end of it; the relay looks by itself."""
    settings = house.running["marks"].service.settings
    address = make_url(settings.database_url.get_secret_value()).set(database="nowhere")
    gone = Database(settings.model_copy(update={"database_url": SecretStr(str(address))}), name="marks")

    await knock(gone)

    await gone.close()
