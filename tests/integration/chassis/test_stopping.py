"""What a worker does when it is told to stop, and what others of its kind do then."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import httpx

from chassis import timers
from chassis.bus.local import LocalCarrier
from chassis.context import Context
from chassis.message import Message
from chassis.relay import backlog
from chassis.run import Running
from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import House, plan
from tests.support.tokens import a_member_of_staff
from tests.support.waiting import eventually

MARKS = plan(marks.build, ServiceSettings)


class Slow(LocalCarrier):
    """Says that it was given a batch, and takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.given, self.go_on = asyncio.Event(), asyncio.Event()
        self.batches: list[int] = []

    async def publish(self, messages: Sequence[Message]) -> None:
        self.batches.append(len(messages))
        self.given.set()
        await self.go_on.wait()


class FailsOnce(LocalCarrier):
    """The bus is away for the first batch."""

    def __init__(self) -> None:
        super().__init__()
        self.tries = 0

    async def publish(self, messages: Sequence[Message]) -> None:
        self.tries += 1
        if self.tries == 1:
            raise ConnectionError


def a_marker(house: House) -> httpx.AsyncClient:
    return house.client("marks", a_member_of_staff("marker"))


async def make_marks(house: House, count: int) -> None:
    for number in range(count):
        made = await a_marker(house).post("/marks", json={"text": f"mark {number}"})
        assert made.status_code == 201


async def unsent(house: House) -> int:
    async with house.running["marks"].context.db.engine.connect() as connection:
        return (await backlog(connection))[0]


async def test_a_batch_that_is_on_its_way_is_marked_before_the_relay_stops(move_in: MoveIn) -> None:
    carrier = Slow()
    house = await move_in(MARKS, carrier=carrier)
    running = house.running["marks"]
    await make_marks(house, 3)
    running.start()
    await carrier.given.wait()

    stopping = asyncio.create_task(running.finish())
    await asyncio.sleep(0)
    carrier.go_on.set()
    await stopping

    assert (carrier.batches, await unsent(house)) == ([3], 0)


async def test_a_timer_that_is_at_work_finishes(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    running = house.running["marks"]
    at_work, done = asyncio.Event(), asyncio.Event()

    async def slow(context: Context) -> int:
        at_work.set()
        await asyncio.sleep(0.05)
        done.set()
        return 1

    running.timers = (timers.every(seconds=3600, do=slow),)
    running.start()
    await at_work.wait()

    await running.finish()

    assert done.is_set()


async def test_after_the_bus_was_away_the_same_process_leads_again(move_in: MoveIn) -> None:
    carrier = FailsOnce()
    house = await move_in(MARKS, carrier=carrier)
    running = house.running["marks"]
    await make_marks(house, 1)
    # Others use the pool too, so the connection that led is not the next one handed out.
    connections = [await running.context.db.engine.connect() for _ in range(3)]
    for each in connections:
        await each.close()

    running.start()

    await eventually(lambda: nothing_waits(house), patience=10)
    assert carrier.tries == 2


async def test_another_process_leads_as_soon_as_the_leader_has_stopped(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    leader = house.running["marks"]
    second = Running(replace(leader.service), LocalCarrier(), clock=house.clock)
    try:
        leader.start()
        await make_marks(house, 1)
        await eventually(lambda: nothing_waits(house), patience=10)
        second.start()

        await leader.finish()
        await make_marks(house, 1)

        await eventually(lambda: nothing_waits(house), patience=10)
    finally:
        await second.stop()


async def nothing_waits(house: House) -> bool:
    return await unsent(house) == 0
