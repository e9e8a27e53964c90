"""Each fact delivered three times and in a shuffled order changes nothing (F15, F16, AC-1, AC-12)."""

from typing import Any

import pytest
from sqlalchemy import delete

from chassis.bus.local import LocalCarrier
from chassis.inbox import INBOX
from tests.integration.conftest import MoveIn
from tests.support.everyone import (
    Chain,
    Chaotic,
    everyone,
    one_session_too_few,
    open_chain,
    outcome,
    settle,
    visits,
)


async def a_past(move_in: MoveIn, carrier: LocalCarrier) -> tuple[Chain, dict[str, str]]:
    """A chain with a day behind it."""
    house = await move_in(*everyone(), carrier=carrier)
    chain = await open_chain(house)
    made = await visits(chain) | await one_session_too_few(chain)
    await settle(house)
    return chain, made


async def lived_through(move_in: MoveIn, carrier: LocalCarrier) -> dict[str, Any]:
    return await outcome(*await a_past(move_in, carrier))


async def test_once_and_in_order_everything_follows(move_in: MoveIn) -> None:
    seen = await lived_through(move_in, LocalCarrier())

    assert seen["redeemed"]["money"] == [("redeemed", {"minor": 50_000, "currency": "USD"})]
    assert seen["invoiced"]["money"] == [("invoiced", {"minor": 60_000, "currency": "USD"})]
    assert seen["consultation"]["money"][0][0] == "waived"
    assert [seen[name]["money"][0][0] for name in ("walk_in", "second", "third")] == [
        "redeemed",
        "reserved",
        "reserved",
    ]
    assert seen["fourth"]["money"] == []
    assert seen["cancelled"]["money"] == seen["missed"]["money"] == []
    assert seen["redeemed"]["stock"] == [("cartridge", 1), ("serum", 300)]
    assert seen["stock"] == {"cartridge": 36, "serum": 4_800}
    assert all(entity["balanced"] for entity in seen["books"])
    assert seen["breaks"] == []


@pytest.mark.fault(
    "F15 F16",
    dose="every fact three times, shuffled over and within keys",
    holds="I3 I4 I6 I7 I8 I9 I12 I13",
)
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_three_times_and_shuffled_everything_is_the_same(move_in: MoveIn, seed: int) -> None:
    in_order = await lived_through(move_in, LocalCarrier())

    shuffled = await lived_through(move_in, Chaotic(seed))

    for name, expected in in_order.items():
        assert shuffled[name] == expected, name


@pytest.mark.fault(
    "F23 F15", dose="every topic once more, the inboxes emptied before", holds="I3 I6 I7 I8 I9 I12 I13 I18"
)
async def test_everything_once_more_after_the_inboxes_forgot_it_changes_nothing(move_in: MoveIn) -> None:
    """A replay after marks were tidied away: natural keys hold where the inbox no longer does."""
    chain, made = await a_past(move_in, LocalCarrier())
    house = chain.house
    before = await outcome(chain, made)
    everything = list(house.published)
    for running in house.running.values():
        async with running.context.db.transaction() as tx:
            await tx.execute(delete(INBOX))

    for start in range(0, len(everything), 20):
        for consumer in house.carrier.consumers:
            await consumer.handle(everything[start : start + 20])
    await settle(house)

    after = await outcome(chain, made)
    for name, expected in before.items():
        assert after[name] == expected, name
    assert (await chain.get("audit", "/chain"))["is_whole"] is True
