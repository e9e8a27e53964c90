"""Stock of another system is put on the shelf once, row by row."""

from typing import Any
from uuid import uuid4

import httpx

from tests.integration.conftest import MoveIn
from tests.support.chain import Clinic
from tests.support.inventory import INVENTORY, NEXT_YEAR, TODAY, Inventory
from tests.support.tokens import a_member_of_staff


def a_row(clinic: Clinic, external_id: str, **more: Any) -> dict[str, Any]:
    row = {
        "external_id": external_id,
        "location_id": str(clinic.id),
        "item": "cart-12",
        "lot_number": "A1",
        "expires_on": str(NEXT_YEAR),
        "quantity": 5,
    }
    return {**row, **more}


async def an_import(client: httpx.AsyncClient, *rows: dict[str, Any], **asked: Any) -> list[tuple[str, str | None]]:
    answer = await client.post("/imports/stock", json={"rows": rows}, params=asked)
    assert answer.status_code == 200, answer.text
    return [(each["outcome"], each["reason"]) for each in answer.json()["results"]]


async def test_a_second_run_changes_nothing_and_a_changed_row_is_told(move_in: MoveIn) -> None:
    inventory, clinic = Inventory(await move_in(INVENTORY)), Clinic()
    await inventory.hears(clinic.told())
    item = await inventory.has_item()
    keeper = inventory.house.client("inventory", a_member_of_staff("stock_keeper", at=clinic.id))
    rows = [a_row(clinic, "1"), a_row(clinic, "2", lot_number="B1", quantity=7)]

    first = await an_import(keeper, *rows)
    second = await an_import(keeper, *rows)
    [(changed, _)] = await an_import(keeper, a_row(clinic, "1", quantity=6))

    assert first == [("created", None)] * 2
    assert second == [("unchanged", None)] * 2
    assert changed == "rejected"
    assert await inventory.lots(clinic, item) == {"A1": 5, "B1": 7}
    assert await inventory.mismatches() == []


async def test_rows_that_break_a_rule_are_told_apart_and_the_others_go_in(move_in: MoveIn) -> None:
    inventory, clinic, foreign = Inventory(await move_in(INVENTORY)), Clinic(), Clinic(code="lax")
    await inventory.hears(clinic.told(), foreign.told())
    item = await inventory.has_item()
    keeper = inventory.house.client("inventory", a_member_of_staff("stock_keeper", at=clinic.id))

    results = await an_import(
        keeper,
        a_row(clinic, "1"),
        a_row(clinic, "1"),
        a_row(clinic, "1", quantity=9),
        a_row(clinic, "2", item="nobody-knows"),
        a_row(clinic, "3", expires_on="2020-01-01"),
        a_row(foreign, "4"),
        a_row(clinic, "5", location_id=str(uuid4())),
        a_row(clinic, "6", expires_on=str(TODAY)),
        a_row(clinic, "7", item="new", item_name="New roller", item_class="roller", unit="0.01ml"),
        a_row(clinic, "8", lot_number="B1"),
    )

    outcomes = [outcome for outcome, _ in results]
    assert outcomes == ["created", "unchanged", *["rejected"] * 7, "created"]
    assert [bool(reason) for _, reason in results] == [outcome == "rejected" for outcome in outcomes]
    assert results[5][1] == results[6][1]
    assert await inventory.lots(clinic, item) == {"A1": 5, "B1": 5}


async def test_a_row_that_names_a_new_item_makes_it_once(move_in: MoveIn) -> None:
    inventory, clinic = Inventory(await move_in(INVENTORY)), Clinic()
    await inventory.hears(clinic.told())
    keeper = inventory.house.client("inventory", a_member_of_staff("stock_keeper", at=clinic.id))
    new = {"item": "serum-ha", "item_name": "Serum HA", "item_class": "serum", "unit": "0.01ml"}

    results = await an_import(keeper, a_row(clinic, "1", **new), a_row(clinic, "2", item="serum-ha", lot_number="B1"))

    assert results == [("created", None)] * 2
    [told] = await inventory.told("item-changed")
    assert (told["code"], told["unit"]) == ("serum-ha", "0.01ml")


async def test_a_dry_run_says_what_would_become_of_each_row_and_changes_nothing(move_in: MoveIn) -> None:
    inventory, clinic = Inventory(await move_in(INVENTORY)), Clinic()
    await inventory.hears(clinic.told())
    item = await inventory.has_item()
    keeper = inventory.house.client("inventory", a_member_of_staff("stock_keeper", at=clinic.id))

    results = await an_import(keeper, a_row(clinic, "1"), a_row(clinic, "2", item="?"), dry_run="true")

    assert [outcome for outcome, _ in results] == ["created", "rejected"]
    assert await inventory.lots(clinic, item) == {}
    assert await inventory.told("stock-received") == []


async def test_a_full_batch_of_a_thousand_rows_goes_in_one_go(move_in: MoveIn) -> None:
    inventory, clinic = Inventory(await move_in(INVENTORY)), Clinic()
    await inventory.hears(clinic.told())
    item = await inventory.has_item()
    keeper = inventory.house.client("inventory", a_member_of_staff("stock_keeper", at=clinic.id))

    results = await an_import(keeper, *(a_row(clinic, str(n), lot_number=f"L{n % 50}") for n in range(1000)))

    assert results == [("created", None)] * 1000
    assert await inventory.on_hand(clinic, item) == 5000
    assert await inventory.mismatches() == []
