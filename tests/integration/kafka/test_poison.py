"""What can't be handled goes to the dead letters and the table of parked messages; everything else goes on."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from chassis import parked
from chassis.bus.wire import BODY_BYTES_MAX
from chassis.clock import new_id
from chassis.db import Tx
from chassis.outbox import OUTBOX
from chassis.parked import BEHIND
from tests.integration.kafka.desk import Desk
from tests.support import marks
from tests.support.tokens import a_member_of_staff
from tests.support.waiting import eventually

CANARY = "Amelia Bennett"


def an_operator(desk: Desk) -> httpx.AsyncClient:
    return desk.house.client("marks", a_member_of_staff("operator"))


def has_parked(desk: Desk, *reasons: str) -> Callable[[], Awaitable[bool]]:
    async def has_parked() -> bool:
        return [each.reason for each in await desk.parked()] == list(reasons)

    return has_parked


@pytest.mark.fault("F17", dose="bad JSON, no headers, unknown type, newer schema, 2 MB, not ours", holds="I2")
async def test_poison_of_every_kind_is_put_aside_and_its_partition_goes_on(desk: Desk) -> None:
    """F17: damaged, without headers, a newer envelope, an unknown type, a newer schema, 2 MB, not ours."""
    bad: list[dict[str, Any]] = [
        await desk.a_record("x") | {"value": b'{"text": "' + CANARY.encode()},
        {"key": b"k", "value": b"{}"},
        await desk.a_record("x", ce_specversion=b"2.0"),
        await desk.a_record("x", ce_type=b"marks.mark-painted"),
        await desk.a_record("x") | {"value": b'{"words": "x"}'},
        await desk.a_record("x") | {"value": b"[" + b" " * 2_000_000 + b"]"},
        await desk.a_record("x", ce_type=b"billing.price-changed"),
    ]
    in_one_place = [each | {"partition": 0} for each in [*bad, await desk.a_record("after")]]
    desk.bus.listen(desk.consumer())

    await desk.bus.put(*in_one_place)

    await eventually(desk.has_heard("after"))
    assert [each.reason for each in await desk.parked()] == [
        "not JSON",
        "not a CloudEvent 1.0",
        "not a CloudEvent 1.0",
        "unknown type",
        "not a valid fact (version: missing, at: missing, mark_id: missing, text: missing)",
        "too large",
        "a fact of another service than its topic's",
    ]
    letters = await desk.bus.records("marks.dead-letters")
    assert sorted(letter.value or b"" for letter in letters) == sorted(each["value"] for each in bad)


@pytest.mark.fault("F17", dose="a handler that fails for good", holds="I19")
async def test_a_dead_letter_is_the_record_and_says_where_when_and_why(desk: Desk) -> None:
    """I19: the error's text, which may quote a patient, is in no header."""

    async def choke(tx: Tx, fact: marks.MarkMade) -> None:
        raise ValueError(f"can't swallow {CANARY}")

    desk.bus.listen(desk.consumer(choke))
    await desk.tell("bad")

    await eventually(has_parked(desk, "ValueError"))
    (sent,) = await desk.bus.records()
    (letter,) = await desk.bus.records("marks.dead-letters")
    told = {name: (value or b"").decode() for name, value in letter.headers if name.startswith("dlq-")}
    assert (letter.key, letter.value) == (sent.key, sent.value)
    assert set(sent.headers) < set(letter.headers)
    assert told["dlq-original-topic"] == f"{desk.bus.prefix}marks"
    assert (told["dlq-original-partition"], told["dlq-original-offset"]) == (str(sent.partition), "0")
    assert (told["dlq-consumer"], told["dlq-error-class"], told["dlq-attempts"]) == ("marks", "ValueError", "1")
    assert {"dlq-error-hash", "dlq-first-failed-at", "dlq-app-version"} < told.keys()
    assert CANARY not in str(letter.headers)


async def test_later_facts_of_a_parked_thing_wait_and_other_things_go_on(desk: Desk) -> None:
    desk.bus.listen(desk.consumer())

    await desk.tell("poison", "behind")
    await desk.tell("other")

    await eventually(desk.has_heard("other"))
    await eventually(has_parked(desk, "ValueError", BEHIND))


@pytest.mark.fault("F23", dose="parked messages replayed twice", holds="I3 I4")
async def test_after_a_fix_an_operator_replays_what_was_parked_in_its_order(desk: Desk) -> None:
    """F23: and once more, without another effect."""
    mended = [False]

    async def choke_until_mended(tx: Tx, fact: marks.MarkMade) -> None:
        if not mended[0]:
            raise ValueError
        await desk.note(tx, fact)

    desk.bus.listen(desk.running_with(choke_until_mended))
    await desk.tell("first", "second")
    await eventually(has_parked(desk, "ValueError", BEHIND))
    mended[0] = True

    async with an_operator(desk) as operator:
        once = await operator.post("/parked/replay", params={"dry_run": "false"})
        again = await operator.post("/parked/replay", params={"dry_run": "false"})

    assert (len(once.json()["replayed"]), len(again.json()["replayed"])) == (2, 0)
    assert await desk.heard() == ["first", "second"]
    assert await desk.parked() == []


async def test_a_long_replay_goes_on_where_it_stopped_and_passes_over_what_an_earlier_failure_holds(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request replays so many; what failed in the one before still holds back its key."""
    monkeypatch.setattr(parked, "MESSAGES_A_TURN", 1)
    mended = [False]

    async def choke_on_poison(tx: Tx, fact: marks.MarkMade) -> None:
        if not mended[0] or fact.text == "poison":
            raise ValueError
        await desk.note(tx, fact)

    desk.bus.listen(desk.running_with(choke_on_poison))
    await desk.tell("poison", "behind")
    await eventually(has_parked(desk, "ValueError", BEHIND))
    await desk.tell("other")
    await eventually(has_parked(desk, "ValueError", BEHIND, "ValueError"))
    mended[0] = True

    async with an_operator(desk) as operator:
        tried = await all_turns(operator, dry_run=True)
        turns = await all_turns(operator, dry_run=False)

    assert [len(turn["replayed"]) for turn in tried] == [1, 1, 1, 0]
    assert [len(turn["failed"]) for turn in turns] == [1, 0, 0, 0]
    assert [len(turn["replayed"]) for turn in turns] == [0, 0, 1, 0]
    assert await desk.heard() == ["other"]
    await eventually(has_parked(desk, "ValueError", BEHIND))


async def all_turns(operator: httpx.AsyncClient, *, dry_run: bool) -> list[dict[str, Any]]:
    """A replay from the oldest message on, request after request, until all were looked at."""
    turns: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        how: dict[str, str | int] = {"dry_run": str(dry_run).lower(), "after": after}
        turns.append((await operator.post("/parked/replay", params=how)).json())
        after = turns[-1]["next_after"]
    return turns


async def test_who_runs_one_location_may_look_at_what_is_parked_and_change_nothing(desk: Desk) -> None:
    """A message belongs to the chain."""
    desk.bus.listen(desk.running_with(marks.on_mark_made))
    await desk.bus.put(await desk.a_record("x") | {"value": b"{"})
    await eventually(has_parked(desk, "not JSON"))
    (parked_id,) = [each.id for each in await desk.parked()]

    async with desk.house.client("marks", a_member_of_staff("owner", at=new_id())) as local:
        seen = await local.get("/parked")
        replayed = await local.post("/parked/replay", params={"dry_run": "false"})
        dropped = await local.post(f"/parked/{parked_id}/drop", json={"reason": "unreadable"})

    assert (len(seen.json()), replayed.status_code, dropped.status_code) == (1, 403, 403)


async def test_a_replay_is_told_as_a_fact_that_follows_from_the_message_and_names_who_did_it(desk: Desk) -> None:
    """What audit keeps: it hears every fact, and shows under a visit what followed from that visit's facts."""
    mended = [False]

    async def choke_until_mended(tx: Tx, fact: marks.MarkMade) -> None:
        if not mended[0]:
            raise ValueError

    desk.bus.listen(desk.running_with(choke_until_mended))
    mark_id = await desk.tell("first")
    await eventually(has_parked(desk, "ValueError"))
    (parked,) = await desk.parked()
    mended[0] = True
    person = a_member_of_staff("operator")

    await desk.house.client("marks", person).post("/parked/replay", params={"dry_run": "false"})

    (told,) = await desk.told_next()
    assert told.type == "marks.parked-message-closed"
    assert (told.body["outcome"], told.body["about"]) == ("replayed", str(mark_id))
    assert told.envelope.causationid == parked.message_id
    assert told.envelope.actor == f"staff:{person.id}"


async def test_what_nobody_can_read_is_dropped_with_a_reason_and_what_waits_behind_it_is_replayed(desk: Desk) -> None:
    desk.bus.listen(desk.running_with(marks.on_mark_made))
    sound = await desk.a_record("sound") | {"partition": 0}
    await desk.bus.put(sound | {"value": b"{"}, sound)
    await eventually(has_parked(desk, "not JSON", BEHIND))

    async with an_operator(desk) as operator:
        replayed = (await operator.post("/parked/replay", params={"dry_run": "false"})).json()
        damaged = (await operator.get("/parked")).json()[0]
        dropped = await operator.post(f"/parked/{damaged['id']}/drop", json={"reason": "unreadable"})
        twice = await operator.post(f"/parked/{damaged['id']}/drop", json={"reason": "unreadable"})
        await operator.post("/parked/replay", params={"dry_run": "false"})

    assert (replayed["replayed"], list(replayed["failed"].values())) == ([], ["not JSON"])
    assert damaged["is_readable"] is False
    assert (dropped.status_code, twice.status_code, twice.json()["code"]) == (204, 409, "already_closed")
    assert await desk.heard() == ["sound"]
    told = [(each.body["outcome"], each.body["reason"]) for each in await desk.told_next()]
    assert told == [("dropped", "unreadable"), ("replayed", None)]


@pytest.mark.fault("F22", dose="a fact that only the newer release knows", holds="I3")
async def test_a_type_that_a_newer_release_knows_is_taken_up_by_its_replay(desk: Desk) -> None:
    """F22: an old release puts aside what it does not know, without holding back what it does know of that thing."""
    desk.bus.listen(desk.running_with(marks.on_mark_made))
    new = await desk.a_record("new", ce_type=b"marks.mark-renewed") | {"partition": 0}
    old = await desk.a_record("old", ce_aggregateid=new["key"]) | {"key": new["key"], "partition": 0}
    await desk.bus.put(new, old)
    await eventually(has_parked(desk, "unknown type"))
    await eventually(desk.has_heard("old"))

    class MarkRenewed(marks.MarkMade):
        type = "marks.mark-renewed"

    desk.running.consumer.handlers[MarkRenewed.type] = (MarkRenewed, desk.note)
    async with an_operator(desk) as operator:
        await operator.post("/parked/replay", params={"dry_run": "false"})

    assert await desk.heard() == ["old", "new"]
    assert await desk.parked() == []


@pytest.mark.fault("F18", dose="the topic of dead letters deleted, then there again", holds="I2 I3")
async def test_without_dead_letters_a_consumer_waits_and_loses_nothing(desk: Desk) -> None:
    """F18: nothing is passed over that stands nowhere; other partitions go on."""
    await desk.bus.remove("marks.dead-letters")
    listener = desk.bus.listen(desk.consumer(), request_seconds=0.5)
    poison, behind = await desk.a_record("poison"), await desk.a_record("behind")
    await desk.bus.put(poison | {"partition": 0}, behind | {"partition": 0})
    await desk.bus.put(await desk.a_record("elsewhere") | {"partition": 1})
    await eventually(desk.has_heard("elsewhere"))

    async def waits() -> bool:
        return listener.pulse.last_error == "Waits"

    await eventually(waits)
    meanwhile = (await desk.parked(), (await desk.bus.committed()).get(0, 0))
    await desk.bus.create("marks.dead-letters")

    await eventually(desk.has_heard("behind", "elsewhere"))
    assert meanwhile == ([], 0)
    assert [each.reason for each in await desk.parked()] == ["ValueError"]


async def test_a_fact_that_no_topic_takes_stays_where_it_is_and_holds_back_its_own_thing_only(desk: Desk) -> None:
    desk.bus.listen(desk.consumer())
    await desk.make("before", "x" * BODY_BYTES_MAX, "behind it")

    await desk.tell("of another thing")

    await eventually(desk.has_heard("before", "of another thing"))
    assert await desk.unpublished() == 2


async def test_a_fact_that_does_not_say_what_it_is_does_not_stop_the_others(desk: Desk) -> None:
    """A row that somebody broke by hand."""
    desk.bus.listen(desk.consumer())
    broken = await desk.make("broken")
    async with desk.db.transaction() as tx:
        await tx.execute(update(OUTBOX).where(OUTBOX.c.aggregate_id == broken).values(headers={}))

    await desk.tell("sound")

    await eventually(desk.has_heard("sound"))
    assert await desk.unpublished() == 1
