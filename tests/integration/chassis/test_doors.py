"""What every door does, whatever service it belongs to: errors, retries, limits, and a clock that ticks once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Annotated
from uuid import uuid4

import httpx
import pytest
from fastapi import Body
from prometheus_client import REGISTRY
from pydantic import SecretStr
from starlette.types import Message, Scope

from chassis import http, timers
from chassis.context import Context
from chassis.middleware import BODY_BYTES_MAX
from chassis.service import Service
from chassis.settings import ServiceSettings
from chassis.tokens import Caller
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import House, plan
from tests.support.tokens import a_member_of_staff, a_service

MARKS = plan(marks.build, ServiceSettings)
AS_JSON = {"content-type": "application/json"}
IMPATIENT = plan(marks.build, ServiceSettings, lock_timeout_ms=100)


def a_marker(house: House) -> httpx.AsyncClient:
    return house.client("marks", a_member_of_staff("marker"))


def requests_answered(status: str) -> float:
    labels = {"service": "marks", "method": "POST", "route": "/marks", "status": status}
    return REGISTRY.get_sample_value("needlepoint_http_request_seconds_count", labels) or 0.0


async def two_marks(client: httpx.AsyncClient) -> tuple[str, str]:
    made = [(await client.post("/marks", json={"text": text})).json()["id"] for text in ("a", "b")]
    return made[0], made[1]


async def test_a_deadlock_is_settled_before_the_user_sees_it(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    client = a_marker(house)
    first, second = await two_marks(client)

    answers = await asyncio.gather(
        client.post(f"/marks/{first}/touch/{second}"), client.post(f"/marks/{second}/touch/{first}")
    )

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.fault("F12", dose="a row locked beyond the time-out of a request", holds="I1")
async def test_a_lock_that_is_held_too_long_is_503_and_says_when_to_come_back(move_in: MoveIn) -> None:
    house = await move_in(IMPATIENT)
    client = a_marker(house)
    first, second = await two_marks(client)

    async with house.running["marks"].context.db.transaction() as tx:
        await tx.get(marks.Mark, first, with_for_update=True)
        answer = await client.post(f"/marks/{first}/touch/{second}")

    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "1")


async def test_what_nobody_foresaw_is_500_with_the_id_to_look_for_and_nothing_else(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    mine = str(uuid4())

    answer = await a_marker(house).post("/marks/broken", headers={"x-correlation-id": mine})

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["correlation_id"] == answer.headers["x-correlation-id"] == mine
    assert "Amelia" not in answer.text


async def test_an_invalid_body_names_the_field_and_does_not_repeat_its_value(move_in: MoveIn) -> None:
    house = await move_in(MARKS)

    answer = await a_marker(house).post("/marks", json={"text": 7000123})

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["body.text"]
    assert "7000123" not in answer.text


async def test_a_body_beyond_the_limit_is_refused_unread(move_in: MoveIn) -> None:
    house = await move_in(MARKS)

    answer = await a_marker(house).post("/marks", content=b"{}", headers={"content-length": str(10**9)})

    assert answer.status_code == 413


async def test_a_body_in_chunks_is_refused_where_it_passes_the_limit(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 10 * BODY_BYTES_MAX:
            read += 1024 * 1024
            yield b" " * 1024 * 1024

    answer = await a_marker(house).post("/marks", content=endless())

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert read <= BODY_BYTES_MAX + 2 * 1024 * 1024


@pytest.mark.parametrize(("caller", "status"), [(None, 401), (a_member_of_staff("cook"), 403)])
async def test_nothing_is_read_of_whoever_may_not_pass(move_in: MoveIn, caller: Caller | None, status: int) -> None:
    house = await move_in(MARKS)
    read = 0

    async def told() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b'{"text": "x"}'

    answer = await house.client("marks", caller).post("/marks", content=told())

    assert (answer.status_code, read) == (status, 0)


async def test_a_body_may_have_a_megabyte_and_more_only_where_rows_are_imported(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    client = a_marker(house)

    fits = await client.post("/marks", json={"text": "x" * 1_000_000})
    too_large = await client.post("/marks", json={"text": "x" * 1_100_000})

    assert (fits.status_code, too_large.status_code, too_large.json()["code"]) == (201, 413, "too_large")
    assert http.router("/imports", tag="imports").route_class.body_bytes_max == BODY_BYTES_MAX  # type: ignore[attr-defined]


@pytest.mark.parametrize(("size", "status"), [(63 * 1024, 201), (65 * 1024, 413)])
async def test_who_need_not_say_who_they_are_may_say_little(move_in: MoveIn, size: int, status: int) -> None:
    house = await move_in(plan(_open_to_all, ServiceSettings))

    answer = await house.client("marks").post("/greetings", json={"text": "x" * size})
    in_chunks = await house.client("marks").post("/greetings", content=_chunks(size), headers=AS_JSON)

    assert (answer.status_code, in_chunks.status_code) == (status, status)
    assert status == 201 or answer.json()["code"] == "too_large"


async def _chunks(size: int) -> AsyncIterator[bytes]:
    yield b'{"text": "'
    for _ in range(size // 1024):
        yield b"x" * 1024
    yield b'"}'


def _open_to_all(settings: ServiceSettings) -> Service:
    """The service of the marks with a route that asks nobody who they are."""
    greetings = http.router("/greetings", tag="greetings")

    @greetings.post("", status_code=201)
    async def greet(greeting: Annotated[dict[str, str], Body()]) -> int:
        return len(greeting)

    built = marks.build(settings)
    return replace(built, routers=(*built.routers, greetings))


async def test_who_goes_away_in_the_middle_of_what_they_say_is_no_failure_of_ours(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    token = a_marker(house).headers["authorization"].encode()
    said: Iterator[Message] = iter(
        [{"type": "http.request", "body": b'{"te', "more_body": True}, {"type": "http.disconnect"}]
    )
    answered: list[Message] = []
    scope: Scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "server": ("marks", 80)}
    scope.update(method="POST", path="/marks", query_string=b"", headers=[(b"authorization", token)])
    before = [requests_answered(status) for status in ("499", "500")]

    async def receive() -> Message:
        return next(said)

    async def send(message: Message) -> None:
        answered.append(message)

    await house.running["marks"].app(scope, receive, send)

    assert answered == []
    assert [requests_answered(status) for status in ("499", "500")] == [before[0] + 1, before[1]]


@pytest.mark.parametrize(("name", "status"), [("friend", 201), ("stranger", 403)])
async def test_a_service_passes_only_where_it_is_named(move_in: MoveIn, name: str, status: int) -> None:
    house = await move_in(MARKS)

    answer = await house.client("marks", a_service(name)).post("/marks", json={"text": "x"})

    assert answer.status_code == status


async def test_a_stuck_relay_turns_ready_red_and_says_which_loop(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    running = house.running["marks"]
    running.app.state.pulses = [running.relay.pulse]

    before = await house.client("marks").get("/ready")
    running.relay.pulse.last_beat -= 61
    after = await house.client("marks").get("/ready")

    assert before.status_code == 200
    assert (after.status_code, after.json()["stuck"]) == (503, ["relay"])


async def test_metrics_are_for_who_asks_on_this_machine_and_not_through_a_gateway_on_it(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    client = house.client("marks")

    own = await client.get("/metrics")
    handed_on = [await client.get("/metrics", headers={name: "127.0.0.1"}) for name in ("x-forwarded-for", "via")]

    assert (own.status_code, "needlepoint_outbox_unpublished" in own.text) == (200, True)
    assert [answer.status_code for answer in handed_on] == [403, 403]


async def test_with_a_token_metrics_are_for_nobody_without_it(move_in: MoveIn) -> None:
    house = await move_in(plan(marks.build, ServiceSettings, metrics_token=SecretStr("let me see")))
    client = house.client("marks")
    wanted = {"right": "let me see", "wrong": "let me sée", "none": ""}

    answers = {
        name: await client.get("/metrics", headers=[(b"authorization", f"Bearer {token}".encode())])
        for name, token in wanted.items()
    }

    assert {name: answer.status_code for name, answer in answers.items()} == {"right": 200, "wrong": 403, "none": 403}


async def test_a_timer_runs_in_one_process_at_a_time(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    at_work, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Context) -> int:
        at_work.set()
        await go_on.wait()
        return 7

    timer = timers.every(seconds=1, do=slow)
    first = asyncio.create_task(timers.run_once(house.running["marks"].context, timer))
    await at_work.wait()
    second = await timers.run_once(house.running["marks"].context, timer)
    go_on.set()

    assert (await first, second) == (7, 0)
