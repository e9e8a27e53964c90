"""Replicas come, go, freeze and hang: every fact takes effect once, and those of one thing in their order."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import pytest
from aiokafka.structs import TopicPartition

from chassis.bus.dead_letters import DeadLetters
from chassis.bus.membership import Membership
from chassis.db import Tx
from chassis.stopping import Stopping
from tests.integration.kafka import replica
from tests.integration.kafka.desk import Desk, metric
from tests.support import marks
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]


def in_order(heard: list[str]) -> bool:
    """Whether the facts of each thing took effect as they were told; texts are `<thing>/<version>`."""
    things = groupby(sorted(heard, key=lambda text: text.partition("/")[0]), key=lambda text: text.partition("/")[0])
    return all(texts == sorted(texts, key=_version) for texts in (list(texts) for _, texts in things))


def _version(text: str) -> int:
    return int(text.partition("/")[2])


class Gate:
    """A handler that lets nothing through until it is opened, and counts who knocks."""

    def __init__(self) -> None:
        self.knocks: list[str] = []
        self.is_open = asyncio.Event()

    async def handle(self, tx: Tx, fact: marks.MarkMade) -> None:
        self.knocks.append(fact.text)
        await self.is_open.wait()
        await Desk.note(tx, fact)

    async def has_a_knock(self) -> bool:
        return bool(self.knocks)


@pytest.mark.fault("F7", dose="members join, leave and die while facts come", holds="I3 I4")
async def test_while_replicas_come_and_go_nothing_is_lost_doubled_or_out_of_order(desk: Desk) -> None:
    """F7, A9: every rebalance takes everybody's partitions away."""
    texts = [f"{thing}/{version}" for thing in range(20) for version in range(1, 9)]
    listeners = [desk.bus.listen(desk.consumer(), poll_records=5)]
    for thing in range(20):
        await desk.tell(*(text for text in texts if text.startswith(f"{thing}/")))
        if thing in (4, 8):
            listeners.append(desk.bus.listen(desk.consumer(), poll_records=5))
        if thing == 12:
            await desk.bus.silence(listeners[0])
        if thing == 16:
            await desk.bus.cut_off(listeners[1])

    await eventually(desk.has_heard(*texts))

    assert in_order(await desk.heard())


async def test_a_rebalance_waits_for_the_batch_that_runs_and_gives_nothing_twice(desk: Desk) -> None:
    """A12, A13: what is done is told to the broker before the partitions go."""
    gate = Gate()
    desk.bus.listen(desk.consumer(gate.handle))
    await desk.tell("running")
    await eventually(gate.has_a_knock)

    newcomer = desk.bus.listen(desk.consumer(gate.handle))
    await desk.tell("next")
    gate.is_open.set()

    await eventually(desk.has_heard("running", "next"))
    assert gate.knocks.count("running") == 1
    assert newcomer.pulse.last_error is None


@pytest.mark.fault("F7", dose="a batch that runs longer than the rebalance waits", holds="I3")
async def test_a_batch_that_overruns_the_rebalance_holds_nobody_up_and_takes_effect_once(desk: Desk) -> None:
    """A11, A14: its partitions are taken over, its offsets are refused, and nothing of that is an error."""
    gate = Gate()
    slow = desk.bus.listen(desk.consumer(gate.handle), drain_seconds=0.1)
    await desk.tell("running")
    await eventually(gate.has_a_knock)

    desk.bus.listen(desk.consumer())
    await _until_shared(desk)
    gate.is_open.set()
    await desk.tell("next")

    await eventually(desk.has_heard("running", "next"))
    assert slow.pulse.last_error is None


async def _until_shared(desk: Desk) -> None:
    """Until two members have two partitions each."""

    async def is_shared() -> bool:
        found = [listener.membership for listener in desk.bus.listeners if listener.membership]
        return len(found) == 2 and all(len(each.kafka.assignment()) == 2 for each in found)

    await eventually(is_shared)


@pytest.mark.fault("F2", dose="a handler that hangs beyond the longest silence", holds="I2 I3")
async def test_a_replica_whose_handler_hangs_loses_its_partitions_to_one_that_works(desk: Desk) -> None:
    """A7: a heart that beats is not enough, whoever does not ask for facts is out."""
    gate = Gate()
    desk.bus.listen(desk.consumer(gate.handle), silence_seconds=1.5, drain_seconds=0.1)
    await desk.bus.put(await desk.a_record("stuck") | {"partition": 0})
    await eventually(gate.has_a_knock)

    desk.bus.listen(desk.consumer())
    await desk.bus.put(await desk.a_record("goes on") | {"partition": 1})

    async def goes_on() -> bool:
        return "goes on" in await desk.heard()

    await eventually(goes_on)
    gate.is_open.set()
    await eventually(desk.has_heard("stuck", "goes on"))


@pytest.mark.fault("F2", dose="SIGSTOP of a consumer beyond its session, then SIGCONT", holds="I3 I4")
async def test_a_zombie_that_wakes_up_changes_nothing_twice(desk: Desk) -> None:
    """F2: frozen for longer than its session, thawed after another took over."""
    with a_replica(desk, "listen") as zombie:
        await desk.tell(*(f"a/{version}" for version in range(1, 4)))
        await eventually(desk.has_heard("a/1", "a/2", "a/3"))
        os.kill(zombie.pid, signal.SIGSTOP)
        await desk.tell(*(f"b/{version}" for version in range(1, 40)))
        desk.bus.listen(desk.consumer())

        everything = [f"a/{version}" for version in range(1, 4)] + [f"b/{version}" for version in range(1, 40)]
        await eventually(desk.has_heard(*everything))
        os.kill(zombie.pid, signal.SIGCONT)
        await desk.tell("c/1")

        await eventually(desk.has_heard(*everything, "c/1"))
        assert in_order(await desk.heard())


@contextmanager
def a_replica(desk: Desk, role: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process of the same service, which listens or relays."""
    settings = desk.bus.settings()
    told = {f"NEEDLEPOINT_KAFKA_{name.upper()}": str(getattr(settings, name)) for name in settings.model_fields_set}
    url = desk.db.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", replica.__name__, role, url]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | told)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.fault("F7", dose="a member joins while partitions are paused", holds="I4")
async def test_what_waits_to_be_tried_again_goes_on_waiting_after_a_rebalance(desk: Desk) -> None:
    """A10: the client forgets pauses at every rebalance."""
    settings = desk.bus.settings()
    letters, stopping = DeadLetters(settings, service="marks"), Stopping()
    membership = Membership(desk.consumer(), settings, dead_letters=letters, stopping=stopping)
    await membership.join(["marks"])
    mine = [TopicPartition(f"{desk.bus.prefix}marks", number) for number in range(4)]
    membership.retries.jitter = lambda shortest, longest: 60.0
    for place in mine:
        membership.retries.failed(place)

    listening = asyncio.create_task(membership.listen())
    desk.bus.listen(desk.consumer())

    async def has_two_and_they_wait() -> bool:
        return len(membership.kafka.assignment()) == 2 and membership.kafka.paused() == membership.kafka.assignment()

    await eventually(has_two_and_they_wait)
    assert set(membership.retries.waiting()) == membership.kafka.assignment()
    stopping.set()
    await listening
    await membership.leave()


async def test_a_replica_without_partitions_is_well_if_there_are_none_left(desk: Desk) -> None:
    """A8: a member without partitions asks the group whether it should have some."""
    listeners = [desk.bus.listen(desk.consumer()) for _ in range(5)]

    async def four_have_one_each() -> bool:
        shares = [len(each.membership.kafka.assignment()) for each in listeners if each.membership]
        return sorted(shares) == [0, 1, 1, 1, 1]

    await eventually(four_have_one_each)
    (spare,) = [each for each in listeners if each.membership and not each.membership.kafka.assignment()]
    beat = spare.pulse.last_beat

    async def beats() -> bool:
        return spare.pulse.last_beat > beat

    await eventually(beats)
    assert spare.pulse.last_error is None


@pytest.mark.fault("F12", dose="a handler slower than the session, heart beating", holds="I3 I4")
async def test_a_slow_consumer_keeps_its_place_and_its_facts_are_taken_once(desk: Desk) -> None:
    async def slowly(tx: Tx, fact: marks.MarkMade) -> None:
        await asyncio.sleep(0.3)
        await desk.note(tx, fact)

    rebuilds = metric("needlepoint_listener_rebuilds_total", service="marks")
    slow = desk.bus.listen(desk.consumer(slowly), poll_records=6)
    texts = [f"{thing}/{version}" for thing in range(2) for version in range(1, 7)]
    for thing in range(2):
        await desk.tell(*(text for text in texts if text.startswith(f"{thing}/")))
    await eventually(desk.has_heard(*texts))

    assert metric("needlepoint_listener_rebuilds_total", service="marks") == rebuilds
    assert slow.pulse.last_error is None
    assert in_order(await desk.heard())
