"""Each fact delivered three times and in a shuffled order changes nothing (F15, F16, AC-1, AC-12)."""

from typing import Any

import pytest

from chassis.bus.local import LocalCarrier
from tests.integration.conftest import MoveIn
from tests.support.everyone import Chaotic, everyone, open_chain, outcome, settle, visits


async def lived_through(move_in: MoveIn, carrier: LocalCarrier) -> dict[str, Any]:
    house = await move_in(*everyone(), carrier=carrier)
    chain = await open_chain(house)
    made = await visits(chain)
    await settle(house)
    return await outcome(chain, made)


async def test_once_and_in_order_everything_follows(move_in: MoveIn) -> None:
    seen = await lived_through(move_in, LocalCarrier())

    assert seen["redeemed"]["money"] == [("redeemed", {"minor": 50_000, "currency": "USD"})]
    assert seen["invoiced"]["money"] == [("invoiced", {"minor": 60_000, "currency": "USD"})]
    assert seen["consultation"]["money"][0][0] == "waived"
    assert seen["cancelled"]["money"] == seen["missed"]["money"] == []
    assert seen["redeemed"]["stock"] == [("cartridge", 1), ("serum", 300)]
    assert seen["stock"] == {"cartridge": 37, "serum": 5_100}
    assert all(entity["balanced"] for entity in seen["books"])
    assert seen["breaks"] == []


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_three_times_and_shuffled_everything_is_the_same(move_in: MoveIn, seed: int) -> None:
    in_order = await lived_through(move_in, LocalCarrier())

    shuffled = await lived_through(move_in, Chaotic(seed))

    for name, expected in in_order.items():
        assert shuffled[name] == expected, name
