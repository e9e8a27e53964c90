"""Whoever looks on hears facts from now on, in every process, and neither tells anybody nor holds anything up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chassis.bus.onlooking import Onlooker
from chassis.message import Message
from tests.integration.kafka.desk import Desk
from tests.support.bus import Bus
from tests.support.kafka import Broker
from tests.support.waiting import eventually


@asynccontextmanager
async def looking_on(bus: Bus) -> AsyncIterator[list[Message]]:
    """What an onlooker hears."""
    heard: list[Message] = []
    onlooker = Onlooker(bus.settings(), hear=heard.extend)
    onlooker.pulse.waits()
    running = asyncio.create_task(onlooker.run())

    async def has_begun() -> bool:
        return onlooker.pulse.fails is None

    await eventually(has_begun)
    yield heard
    onlooker.stop()
    await running


def texts(heard: list[Message]) -> list[str]:
    return [message.body["text"] for message in heard]


async def test_it_hears_what_is_told_from_now_on_and_nothing_from_before(desk: Desk) -> None:
    await desk.tell("before")

    async with looking_on(desk.bus) as one, looking_on(desk.bus) as other:
        await desk.tell("now")

        async def both_heard() -> bool:
            return texts(one) == texts(other) == ["now"]

        await eventually(both_heard)
    assert await desk.bus.committed("onlooker") == {}


async def test_what_it_can_not_read_and_dead_letters_do_not_concern_it(desk: Desk) -> None:
    async with looking_on(desk.bus) as heard:
        await desk.bus.put({"key": b"k", "value": b"{"})
        await desk.bus.put(await desk.a_record("letter"), topic="marks.dead-letters")
        await desk.tell("now")

        async def has_heard() -> bool:
            return texts(heard) == ["now"]

        await eventually(has_heard)


@pytest.mark.fault("F4", dose="kill -9 under an open page", holds="I22")
async def test_it_hears_again_after_the_broker_was_gone(desk: Desk, mortal: Broker) -> None:
    """F4: a browser that missed something loads everything anew; what comes later it is told."""
    async with looking_on(desk.bus) as heard:
        mortal.kill()
        await asyncio.to_thread(mortal.start)

        async def hears_again() -> bool:
            await desk.tell("again")
            return bool(heard)

        await eventually(hears_again)
