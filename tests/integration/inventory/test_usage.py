"""What a session used leaves the shelf once, first expired first out, and is never refused."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

from contracts.values import ConsumptionLine, ItemId, LotId, Modality
from services.inventory.catalogue.usecases import location
from services.inventory.items.model import ItemClass
from services.inventory.stock.picking import unrecorded_lot_id
from tests.integration.conftest import MoveIn
from tests.support.chain import Clinic
from tests.support.house import NOON
from tests.support.inventory import INVENTORY, TODAY, Inventory, a_session, message_again


async def an_inventory(move_in: MoveIn) -> Inventory:
    return Inventory(await move_in(INVENTORY))


async def test_recorded_lines_are_taken_from_the_lots_that_were_written_down(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.receives(clinic, item, 5, lot="EARLY", expires_on=TODAY + timedelta(days=30))
    late = await inventory.receives(clinic, item, 5, lot="LATE", expires_on=TODAY + timedelta(days=300))

    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 2, late)))

    assert await inventory.lots(clinic, item) == {"EARLY": 5, "LATE": 3}
    assert await inventory.mismatches() == []


async def test_without_lines_the_default_bill_of_materials_is_taken_first_to_expire_first(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    cartridge = await inventory.has_item("cart-12")
    serum = await inventory.has_item("serum", item_class=ItemClass.SERUM)
    await inventory.uses({cartridge: 2, serum: 300})
    await inventory.receives(clinic, cartridge, 1, lot="EARLY", expires_on=TODAY + timedelta(days=30))
    await inventory.receives(clinic, cartridge, 9, lot="LATE", expires_on=TODAY + timedelta(days=300))
    await inventory.receives(clinic, serum, 3000, lot="S1")

    await inventory.hears(a_session(clinic))

    assert await inventory.lots(clinic, cartridge) == {"LATE": 8}
    assert await inventory.lots(clinic, serum) == {"S1": 2700}
    [told] = await inventory.told("stock-consumed")
    assert sorted(line["quantity"] for line in told["lines"]) == [1, 1, 300]
    assert await inventory.mismatches() == []


async def test_a_session_that_one_cartridge_does_not_last_for_takes_two_by_default(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    cartridge = await inventory.has_item("cart-12")
    serum = await inventory.has_item("serum", item_class=ItemClass.SERUM)
    await inventory.uses({cartridge: 1, serum: 300})
    await inventory.receives(clinic, cartridge, 9, lot="C1")
    await inventory.receives(clinic, serum, 3000, lot="S1")

    await inventory.hears(a_session(clinic), a_session(clinic, second_cartridge=True))

    assert await inventory.lots(clinic, cartridge) == {"C1": 9 - 1 - 2}
    assert await inventory.lots(clinic, serum) == {"S1": 3000 - 2 * 300}


async def test_a_line_without_a_lot_is_picked_from_what_the_recorded_lines_leave(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    early = await inventory.receives(clinic, item, 1, lot="EARLY", expires_on=TODAY + timedelta(days=30))
    await inventory.receives(clinic, item, 5, lot="LATE", expires_on=TODAY + timedelta(days=300))

    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 1), ConsumptionLine.of(item, 1, early)))

    assert await inventory.lots(clinic, item) == {"LATE": 4}


async def test_a_treatment_that_uses_nothing_is_told_with_no_lines(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()

    await inventory.hears(a_session(clinic, treatment="consultation", modality=Modality.NONE))

    [told] = await inventory.told("stock-consumed")
    assert told["lines"] == []


async def test_more_than_there_is_goes_below_zero_and_opens_a_discrepancy(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.uses({item: 3})
    await inventory.receives(clinic, item, 1)

    await inventory.hears(a_session(clinic))

    assert await inventory.lots(clinic, item) == {"?": -2}
    assert await inventory.discrepancies() == [("short", 2)]
    [short] = await inventory.told("stock-short")
    assert short["on_hand"] == -2
    assert await inventory.mismatches() == []


async def test_a_recorded_lot_is_never_swapped_for_another_even_when_the_books_say_it_is_empty(
    move_in: MoveIn,
) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    lot = await inventory.receives(clinic, item, 1, lot="A1")
    await inventory.receives(clinic, item, 5, lot="B1")

    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 3, lot)))

    assert await inventory.lots(clinic, item) == {"A1": -2, "B1": 5}
    assert await inventory.discrepancies() == [("short", 2)]
    assert await inventory.mismatches() == []


async def test_an_unknown_lot_becomes_a_provisional_one_under_its_id(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.receives(clinic, item, 5)
    unknown = LotId(uuid4())

    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 1, unknown)))

    [told] = await inventory.told("stock-consumed")
    assert [(line["lot_id"], line["expires_on"]) for line in told["lines"]] == [(str(unknown), None)]
    assert await inventory.lots(clinic, item) == {"A1": 5, "?": -1}
    assert await inventory.discrepancies() == [("unknown_lot", 1)]


async def test_a_lot_of_another_item_is_not_believed(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    cartridge, roller = await inventory.has_item("cart-12"), await inventory.has_item("roller")
    lot_of_rollers = await inventory.receives(clinic, roller, 5)

    await inventory.hears(a_session(clinic, ConsumptionLine.of(cartridge, 1, lot_of_rollers)))

    assert await inventory.lots(clinic, roller) == {"A1": 5}
    assert await inventory.lots(clinic, cartridge) == {"?": -1}
    assert await inventory.discrepancies() == [("unknown_lot", 1)]


async def test_what_is_written_down_can_not_take_the_unrecorded_lot_of_another_item(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    cartridge, roller = await inventory.has_item("cart-12"), await inventory.has_item("roller")
    await inventory.hears(a_session(clinic, ConsumptionLine.of(cartridge, 1, unrecorded_lot_id(roller))))

    await inventory.hears(a_session(clinic, ConsumptionLine.of(roller, 2)))

    assert await inventory.lots(clinic, cartridge) == {"?": -1}
    assert await inventory.lots(clinic, roller) == {"?": -2}
    assert await inventory.mismatches() == []


async def test_an_item_nobody_catalogued_is_used_all_the_same(move_in: MoveIn) -> None:
    inventory, clinic, item = await an_inventory(move_in), Clinic(), ItemId(uuid4())
    session = a_session(clinic, ConsumptionLine.of(item, 2), ConsumptionLine.of(item, 1, LotId(uuid4())))

    await inventory.hears(session)
    await inventory.running.consumer.handle([message_again(session)])

    [changed] = await inventory.told("item-changed")
    assert (changed["item_id"], changed["active"], changed["version"]) == (str(item), False, 1)
    assert await inventory.on_hand(clinic, item) == -3
    assert await inventory.mismatches() == []


async def test_an_expired_lot_is_accepted_and_flagged_but_never_picked(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    lot = await inventory.receives(clinic, item, 5, expires_on=TODAY)
    tomorrow = NOON + timedelta(days=1)

    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 1, lot), at=NOON))
    assert await inventory.discrepancies() == []

    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 1, lot), at=tomorrow))
    assert await inventory.discrepancies() == [("expired_used", 1)]

    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 1), at=tomorrow))
    assert await inventory.lots(clinic, item) == {"A1": 3, "?": -1}


async def test_a_session_is_consumed_once_however_often_it_is_told(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.uses({item: 1})
    await inventory.receives(clinic, item, 10)
    session = a_session(clinic)

    await inventory.hears(session, session, session)
    await inventory.hears(session)
    await inventory.running.consumer.handle([message_again(session), message_again(session)])

    assert await inventory.on_hand(clinic, item) == 9
    assert len(await inventory.told("stock-consumed")) == 1


async def test_a_session_is_consumed_before_its_location_and_treatment_are_known(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()

    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 1)))
    await inventory.hears(clinic.told(version=2, name="New"), clinic.told(version=1, name="Old"))

    assert await inventory.on_hand(clinic, item) == -1
    async with inventory.db.reading() as tx:
        assert (await location(tx, clinic.id)).name == "New"


async def test_low_stock_is_told_once_per_fall_below_the_reorder_point(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.receives(clinic, item, 10)
    await inventory.reorders(clinic, item, 8)

    async def use(quantity: int) -> None:
        await inventory.hears(a_session(clinic, ConsumptionLine.of(item, quantity)))

    await use(2)
    assert await inventory.told("stock-low") == []
    await use(1)
    await use(1)
    assert [told["on_hand"] for told in await inventory.told("stock-low")] == [7]
    await inventory.receives(clinic, item, 5, lot="B1")
    await use(5)
    assert [told["on_hand"] for told in await inventory.told("stock-low")] == [7, 6]
    assert [told["version"] for told in await inventory.told("stock-low")] == [1, 2]


async def test_two_sessions_at_once_take_the_last_one_and_the_sum_is_right(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.receives(clinic, item, 1)
    sessions = [a_session(clinic, ConsumptionLine.of(item, 1)) for _ in range(2)]

    await asyncio.gather(*(inventory.hears(session) for session in sessions))

    assert await inventory.on_hand(clinic, item) == -1
    assert await inventory.lots(clinic, item) == {"?": -1}
    assert await inventory.discrepancies() == [("short", 1)]
    assert await inventory.mismatches() == []


async def test_batches_that_name_the_same_shelves_in_opposite_orders_do_not_wait_in_a_ring(move_in: MoveIn) -> None:
    inventory = await an_inventory(move_in)
    clinics = [Clinic(code=f"c{number}") for number in range(6)]
    items = [await inventory.has_item(f"item-{number}") for number in range(3)]
    batches = [
        [a_session(clinic, *(ConsumptionLine.of(item, 1) for item in items)) for clinic in order]
        for order in (clinics, clinics[::-1], clinics[3:] + clinics[:3], clinics[::-1])
    ]

    await asyncio.gather(*(inventory.hears(*batch) for batch in batches))

    assert [await inventory.on_hand(clinic, item) for clinic in clinics for item in items] == [-4] * 18
    assert await inventory.mismatches() == []


async def test_the_first_to_expire_is_judged_by_the_day_of_the_session(move_in: MoveIn) -> None:
    """Late on the expiry date in Los Angeles it is already the next day in UTC; the lot is still good (IV-11)."""
    inventory, clinic = await an_inventory(move_in), Clinic(zone="America/Los_Angeles")
    item = await inventory.has_item()
    await inventory.receives(clinic, item, 1, expires_on=date(2026, 11, 23), at=NOON)
    late_evening = NOON.replace(day=24, hour=5)

    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 1), at=late_evening))

    assert await inventory.discrepancies() == []
    assert await inventory.on_hand(clinic, item) == 0
