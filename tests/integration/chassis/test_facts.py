"""A fact goes out exactly if its change was committed, and takes effect once however often it arrives."""

from uuid import uuid4

import httpx
from sqlalchemy import func, select

from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import House, plan
from tests.support.tokens import a_member_of_staff

MARKS = plan(marks.build, ServiceSettings)


def a_marker(house: House) -> httpx.AsyncClient:
    return house.client("marks", a_member_of_staff("marker"))


async def heard(house: House) -> list[str]:
    async with house.running["marks"].context.db.reading() as tx:
        return list((await tx.scalars(select(marks.Heard.text).order_by(marks.Heard.id))).all())


async def test_a_committed_change_is_told_and_heard_once(move_in: MoveIn) -> None:
    house = await move_in(MARKS)

    answer = await a_marker(house).post("/marks", json={"text": "here"})
    await house.settle()

    assert answer.status_code == 201, answer.text
    assert await heard(house) == ["here"]
    assert [message.envelope.aggregateversion for message in house.published] == [1]


async def test_a_refused_change_tells_nothing(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    client = a_marker(house)
    mark = (await client.post("/marks", json={"text": "here"})).json()

    refused = await client.put(f"/marks/{mark['id']}", json={"text": "here"})
    await house.settle()

    assert refused.status_code == 409
    assert refused.json()["code"] == "already_marked"
    assert await heard(house) == ["here"]


async def test_the_same_fact_three_times_in_one_batch_and_again_later_counts_once(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    await a_marker(house).post("/marks", json={"text": "once"})
    await house.settle()
    message = house.published[0]

    await house.running["marks"].consumer.handle([message, message, message])
    await house.running["marks"].consumer.handle([message])

    assert await heard(house) == ["once"]


async def test_the_same_key_gets_the_same_answer_and_another_body_is_refused(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    client = a_marker(house)
    key = {"idempotency-key": str(uuid4())}

    first = await client.post("/marks", json={"text": "a"}, headers=key)
    again = await client.post("/marks", json={"text": "a"}, headers=key)
    other = await client.post("/marks", json={"text": "b"}, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    async with house.running["marks"].context.db.reading() as tx:
        assert await tx.scalar(select(func.count()).select_from(marks.Mark)) == 1


async def test_a_poison_message_is_parked_its_key_waits_and_others_go_on(move_in: MoveIn) -> None:
    house = await move_in(MARKS)
    client = a_marker(house)
    bad = (await client.post("/marks", json={"text": "poison"})).json()
    await client.put(f"/marks/{bad['id']}", json={"text": "after"})
    await client.post("/marks", json={"text": "other"})

    await house.settle()

    operator = house.client("marks", a_member_of_staff("operator"))
    parked = (await operator.get("/parked")).json()
    assert await heard(house) == ["other"]
    assert [each["reason"] for each in parked] == ["ValueError", "behind an earlier message of the same key"]


async def test_a_route_is_closed_without_a_token_and_without_the_role(move_in: MoveIn) -> None:
    house = await move_in(MARKS)

    nobody = await house.client("marks").post("/marks", json={"text": "x"})
    other = await house.client("marks", a_member_of_staff("finance")).post("/marks", json={"text": "x"})
    unknown = await a_marker(house).get(f"/marks/{uuid4()}")

    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
    assert (other.status_code, other.json()["code"]) == (403, "forbidden")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
