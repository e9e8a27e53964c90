"""Batches go out side by side, and every row is accounted for exactly once."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cli.api import SERVICES, Api, Credentials, RefusedError, UnreachableError
from cli.importing.kinds import Kind
from cli.importing.mapping import ImportMap
from cli.importing.sending import BATCH_ROWS, Item, Sender
from embedded.roster import ROSTER

TOLD = ImportMap(columns={}, source="former")
Answer = Callable[[httpx.Request], httpx.Response]


def an_api(answer: Answer) -> Api:
    """A client of a server that answers like this; the network is what is left out."""
    return Api("http://clinic.test", Credentials(token="t"), transport=httpx.MockTransport(answer))


def items(count: int) -> list[Item]:
    return [Item(line, [str(line)], {"external_id": f"E-{line}"}) for line in range(2, count + 2)]


def all_created(request: httpx.Request) -> httpx.Response:
    rows = json.loads(request.content)["rows"]
    results = [{"external_id": row["external_id"], "outcome": "created", "reason": None} for row in rows]
    return httpx.Response(200, json={"results": results})


async def send(answer: Answer, count: int, *, dry_run: bool = False) -> tuple[dict[str, int], list[tuple[int, str]]]:
    rejected: list[tuple[int, str]] = []
    advanced: list[int] = []
    async with an_api(answer) as api:
        sender = Sender(
            api, Kind.PATIENTS, TOLD, reject=lambda line, _, reason: rejected.append((line, reason)), dry_run=dry_run
        )
        await sender.send(items(count), lambda _, rows: advanced.append(rows))
    assert sum(advanced) == count
    return dict(sender.tally.outcomes), rejected


async def test_every_row_is_sent_once_in_batches() -> None:
    sent: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append((json.loads(request.content), request.url.params["dry_run"], request.headers["idempotency-key"]))
        return all_created(request)

    outcomes, rejected = await send(answer, 2 * BATCH_ROWS + 5, dry_run=True)

    assert (outcomes, rejected) == ({"created": 2005}, [])
    assert sorted(len(body["rows"]) for body, _, _ in sent) == [5, BATCH_ROWS, BATCH_ROWS]
    assert {(body["source"], dry) for body, dry, _ in sent} == {("former", "true")}
    assert len({key for _, _, key in sent}) == 3


async def test_rows_the_server_rejects_are_told_with_their_line() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = all_created(request).json()
        body["results"][1] |= {"outcome": "rejected", "reason": "Nobody is known by this id."}
        return httpx.Response(200, json=body)

    outcomes, rejected = await send(answer, 3)

    assert (outcomes, rejected) == ({"created": 2, "rejected": 1}, [(3, "Nobody is known by this id.")])


async def test_what_was_assumed_is_counted_with_the_lines_it_was_assumed_of() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = all_created(request).json()
        body["results"][2]["remark"] = "the first of two"
        return httpx.Response(200, json=body)

    async with an_api(answer) as api:
        sender = Sender(api, Kind.PATIENTS, TOLD, reject=lambda *_: None, dry_run=False)
        await sender.send(items(3), lambda *_: None)

    assert (dict(sender.tally.remarks), sender.tally.remarked) == ({"the first of two": 1}, [4])
    assert sender.tally.outcomes["created"] == 3


async def test_one_row_that_breaks_the_schema_does_not_take_its_batch_with_it() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        rows = json.loads(request.content)["rows"]
        if bad := [number for number, row in enumerate(rows) if row["external_id"] == "E-4"]:
            errors = [{"field": f"body.rows.{bad[0]}.{name}", "message": "no"} for name in ("email", "phone")]
            return httpx.Response(422, json={"code": "invalid_request", "title": "Not valid.", "errors": errors})
        return all_created(request)

    outcomes, rejected = await send(answer, 5)

    assert (outcomes, rejected) == ({"created": 4, "rejected": 1}, [(4, "email: no; phone: no")])


async def test_another_refusal_ends_the_import() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(403, json={"code": "forbidden", "title": "Your role does not allow this."})

    with pytest.raises(ExceptionGroup) as ended:
        await send(answer, 5)

    assert ended.group_contains(RefusedError, match="Your role does not allow this")


async def test_a_lost_answer_is_asked_for_again_under_the_same_key() -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            raise httpx.ReadError("cut", request=request)
        return httpx.Response(503, json={}) if len(keys) == 2 else all_created(request)

    outcomes, _ = await send(answer, 1)

    assert outcomes == {"created": 1}
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_nobody_there_is_told_at_once() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with an_api(answer) as api:
        with pytest.raises(UnreachableError, match=r"Nothing answers at http://clinic\.test"):
            await api.get("booking", "/locations")


def test_the_command_line_knows_every_service() -> None:
    assert set(SERVICES) == set(ROSTER)
