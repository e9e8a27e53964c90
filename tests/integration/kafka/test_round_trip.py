"""A fact goes through a real Kafka as a CloudEvent, in the order of its thing, and takes effect once."""

import json
from uuid import uuid4

import pytest

from tests.integration.kafka.desk import Desk, metric
from tests.support.waiting import eventually


async def test_a_fact_is_relayed_to_its_topic_and_heard(desk: Desk) -> None:
    desk.bus.listen(desk.consumer())

    await desk.tell("here")

    await eventually(desk.has_heard("here"))
    assert await desk.unpublished() == 0


async def test_on_the_wire_it_is_a_cloudevent_in_binary_mode(desk: Desk) -> None:
    mark_id = await desk.tell("here")

    (record,) = await desk.bus.records()

    headers = {name: (value or b"").decode() for name, value in record.headers}
    assert record.key == str(mark_id).encode()
    assert json.loads(record.value or b"")["text"] == "here"
    assert headers["content-type"] == "application/json"
    assert headers["ce_specversion"] == "1.0"
    assert headers["ce_type"] == "marks.mark-made"
    assert headers["ce_aggregateid"] == str(mark_id)
    assert {"ce_id", "ce_source", "ce_subject", "ce_time", "ce_correlationid"} < headers.keys()


async def test_facts_of_one_thing_keep_their_order_among_many(desk: Desk) -> None:
    """I4: a thing's facts lie in one partition, in the order of their versions."""
    for number in range(30):
        await desk.make(*(f"{number}-{version}" for version in range(5)))
    await desk.relay()

    desk.bus.listen(desk.consumer())

    texts = [f"{number}-{version}" for number in range(30) for version in range(5)]
    await eventually(desk.has_heard(*texts))
    heard = await desk.heard()
    for number in range(30):
        mine = [text for text in heard if text.startswith(f"{number}-")]
        assert mine == sorted(mine)


@pytest.mark.fault("F15", dose="the relay cut off between acknowledgement and mark, twice", holds="I3")
async def test_what_is_sent_three_times_is_heard_once(desk: Desk) -> None:
    """F15: the relay was cut off between the acknowledgement and its mark, twice."""
    await desk.tell("once")
    (sent,) = await desk.bus.records()
    copy = {"key": sent.key, "value": sent.value, "headers": list(sent.headers)}
    await desk.bus.put(copy, copy)

    desk.bus.listen(desk.consumer())
    await desk.tell("last")

    await eventually(desk.has_heard("once", "last"))


async def test_who_begins_to_listen_late_hears_everything_from_the_beginning(desk: Desk) -> None:
    """A17: a new group begins at the first fact, not at the next."""
    await desk.tell("before")

    desk.bus.listen(desk.consumer())

    await eventually(desk.has_heard("before"))


async def test_the_offset_is_told_after_the_effect(desk: Desk) -> None:
    desk.bus.listen(desk.consumer())
    await desk.tell("a", "b")
    await eventually(desk.has_heard("a", "b"))

    async def all_told() -> bool:
        return await desk.bus.committed() == await desk.bus.ends()

    await eventually(all_told)


async def test_lag_is_told_by_topic_and_partition_until_it_is_taken(desk: Desk) -> None:
    topic = f"{desk.bus.prefix}marks"
    stuck = [False]

    async def hold(tx: object, fact: object) -> None:
        if stuck[0]:
            raise TimeoutError

    stuck[0] = True
    desk.bus.listen(desk.consumer(hold))
    await desk.tell("a", "b", "c")
    (place,) = (await desk.bus.ends()).items()

    def lag() -> float:
        return metric("needlepoint_consumer_lag", service="marks", topic=topic, partition=str(place[0]))

    async def is_behind() -> bool:
        return lag() == 3

    async def has_caught_up() -> bool:
        return lag() == 0

    await eventually(is_behind)
    stuck[0] = False
    await eventually(has_caught_up)


async def test_types_that_nobody_here_acts_on_are_passed_over(desk: Desk) -> None:
    desk.bus.listen(desk.consumer())
    await desk.tell("before")
    (sent,) = await desk.bus.records()
    changed = {"ce_type": b"marks.parked-message-closed", "ce_id": str(uuid4()).encode()}
    headers = [(name, changed.get(name, value)) for name, value in sent.headers]

    await desk.bus.put({"key": sent.key, "value": sent.value, "headers": headers})
    await desk.tell("after")

    await eventually(desk.has_heard("before", "after"))
    assert await desk.parked() == []
