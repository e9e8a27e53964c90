"""The broker dies, freezes and comes back: nothing is lost or doubled, nobody hangs, and `/ready` says so meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from chassis.bus.listening import Listener
from chassis.health import Pulse
from chassis.relay import Relay
from tests.integration.kafka.desk import Desk, metric
from tests.integration.kafka.test_groups import in_order
from tests.support.kafka import Broker
from tests.support.waiting import eventually

pytestmark = [pytest.mark.usefixtures("mortal"), pytest.mark.timeout(180)]
"""A busy machine takes its time to start a broker again."""


@asynccontextmanager
async def relaying(desk: Desk, **changed: Any) -> AsyncIterator[Relay]:
    """A relay at work in the background."""
    relay = Relay(desk.db, desk.bus.carrier(**changed), poll_seconds=0.05)
    running = asyncio.create_task(relay.run())
    yield relay
    relay.stop()
    await running


async def make_many(desk: Desk, things: range) -> list[str]:
    """Facts of these things, one transaction each, with time for the relay between them."""
    texts = []
    for thing in things:
        mine = [f"{thing}/{version}" for version in range(1, 6)]
        await desk.make(*mine)
        texts += mine
        await asyncio.sleep(0.01)
    return texts


@pytest.mark.fault(
    "F4 F5",
    dose="kill -9, or SIGSTOP beyond a session, while facts are sent and taken",
    holds="I2 I3 I4",
)
@pytest.mark.parametrize("fault", ["killed", "frozen"])
async def test_facts_made_while_the_broker_is_away_arrive_once_and_in_order(
    desk: Desk, broker: Broker, fault: str
) -> None:
    """F4, F5: kill -9 while facts are sent and taken; or frozen for longer than a consumer's session."""
    listener = desk.bus.listen(desk.consumer(), poll_records=10)
    async with relaying(desk, publish_seconds=1) as relay:
        before = await make_many(desk, range(30))
        broker.kill() if fault == "killed" else broker.freeze()
        meanwhile = await make_many(desk, range(30, 40))
        await eventually(lambda: _fails(relay.pulse))
        await eventually(lambda: _fails(listener.pulse))
        await asyncio.to_thread(broker.start) if fault == "killed" else broker.thaw()
        after = await make_many(desk, range(40, 45))

        await eventually(desk.has_heard(*before, *meanwhile, *after))

        assert in_order(await desk.heard())
        assert await desk.unpublished() == 0
        assert await desk.parked() == []
        await eventually(lambda: _is_well(listener.pulse))


async def _fails(pulse: Pulse) -> bool:
    return pulse.last_error is not None


async def _is_well(pulse: Pulse) -> bool:
    return pulse.last_error is None


@pytest.mark.fault("F4", dose="kill -9 before sending, committing, closing", holds="I1")
async def test_nobody_hangs_and_nothing_is_left_running_while_the_broker_is_dead(desk: Desk, broker: Broker) -> None:
    """A1-A4: the clients' own commit, send and stop() would wait without end, or cancel whoever called them."""
    carrier = desk.bus.carrier(publish_seconds=1)
    before = asyncio.all_tasks()
    await desk.make("here")
    await desk.relay(carrier)
    listener = desk.bus.listen(desk.consumer())
    await eventually(desk.has_heard("here"))
    await desk.make("nowhere")
    broker.kill()
    await eventually(lambda: _fails(listener.pulse))
    began = time.monotonic()

    with pytest.raises((KafkaError, TimeoutError)):
        await desk.relay(carrier)
    await carrier.close()
    await desk.bus.silence(listener)

    assert time.monotonic() - began < 10
    assert await desk.unpublished() == 1
    assert await _left_behind(before) == set()


@pytest.mark.fault("F5", dose="SIGSTOP while facts are sent", holds="I1")
async def test_sending_gives_up_in_time_while_the_broker_is_frozen(desk: Desk, broker: Broker) -> None:
    """A4, F5: connections are there, answers are not."""
    carrier = desk.bus.carrier(publish_seconds=1)
    before = asyncio.all_tasks()
    await desk.make("here")
    await desk.relay(carrier)
    await desk.make("nowhere")
    broker.freeze()
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        await desk.relay(carrier)
    await carrier.close()

    assert time.monotonic() - began < 5
    assert await _left_behind(before) == set()


async def _left_behind(before: set["asyncio.Task[Any]"]) -> set["asyncio.Task[Any]"]:
    """Tasks that run now and did not before; those that are just ending may end."""
    new = asyncio.all_tasks() - before - {asyncio.current_task()}
    if new:
        await asyncio.wait(new, timeout=1)
    return {task for task in new if not task.done()}


@pytest.mark.fault("F5", dose="SIGSTOP until a send is given up, then SIGCONT", holds="I3")
async def test_a_producer_that_failed_is_thrown_away_and_the_next_one_works(desk: Desk, broker: Broker) -> None:
    """A5, A6: its numbers are out of step, and what it gave up may still arrive after it was sent again."""
    carrier = desk.bus.carrier(publish_seconds=1)
    await desk.make("a/1")
    await desk.relay(carrier)
    await desk.make("a/2")
    broker.freeze()
    with pytest.raises(TimeoutError):
        await desk.relay(carrier)
    broker.thaw()

    await desk.relay(carrier)
    await desk.make("a/3")
    await desk.relay(carrier)

    desk.bus.listen(desk.consumer())
    await eventually(desk.has_heard("a/1", "a/2", "a/3"))


@pytest.mark.fault("F5", dose="SIGSTOP for a minute of its clock", holds="I22")
async def test_a_listener_that_can_not_reach_the_broker_turns_red_and_heals(desk: Desk, broker: Broker) -> None:
    """I22, F4: within a minute; here a minute takes three seconds."""
    listener = Listener(desk.consumer(), desk.bus.settings(), topics=["marks"])
    listener.pulse = Pulse("listener", monotonic=lambda: time.monotonic() * 20)
    listening = asyncio.create_task(listener.run())
    await eventually(lambda: _is_well(listener.pulse))
    broker.freeze()

    await eventually(_is_stuck(listener))
    broker.thaw()
    await eventually(_is_stuck(listener, expected=False))

    await desk.tell("healed")
    await eventually(desk.has_heard("healed"))
    listener.stop()
    await listening


def _is_stuck(listener: Listener, *, expected: bool = True) -> Callable[[], Any]:
    async def is_stuck() -> bool:
        return listener.pulse.is_stuck is expected

    return is_stuck


async def test_a_client_that_hangs_without_a_sign_is_replaced(desk: Desk) -> None:
    """A8: facts are there, nobody takes them, and no error is told."""
    listener = desk.bus.listen(desk.consumer(), stall_seconds=0.5, rebuild_seconds=0.5)
    await desk.tell("a/1")
    await eventually(desk.has_heard("a/1"))
    rebuilds = metric("needlepoint_listener_rebuilds_total", service="marks")
    assert listener.membership is not None
    fetcher: Any = listener.membership.kafka._fetcher
    fetcher._fetch_task.cancel()

    await desk.tell("a/2")
    await eventually(desk.has_heard("a/1", "a/2"))  # was asked for before

    await desk.tell("a/3")

    await eventually(desk.has_heard("a/1", "a/2", "a/3"))
    assert metric("needlepoint_listener_rebuilds_total", service="marks") > rebuilds
