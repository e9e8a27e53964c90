"""A delivery makes or finds its lots, and closes the shortages that it explains."""

from datetime import date, timedelta

import pytest

from chassis.errors import DomainError
from contracts.values import BaseUnit, ConsumptionLine, LotId
from services.inventory.items.model import ItemClass, UnknownItem, UnknownPack
from services.inventory.items.usecases import NewItem, NewPack, add_item
from services.inventory.receipts.model import GtinOfAnotherItem, ReceivedInTheFuture, TooMuchOfALot
from services.inventory.receipts.usecases import Delivery, DeliveryLine, receive
from services.inventory.stock.model import ExpiredOnReceipt, ExpiryTooFar, LotExpiresOtherwise
from services.inventory.words import COUNT_MAX
from tests.integration.conftest import MoveIn
from tests.support.chain import Clinic
from tests.support.house import NOON
from tests.support.inventory import INVENTORY, NEXT_YEAR, TODAY, Inventory, a_session
from tests.support.tokens import a_member_of_staff

BOX_GTIN = "09506000134352"


async def an_inventory(move_in: MoveIn) -> Inventory:
    return Inventory(await move_in(INVENTORY))


async def test_usage_before_its_delivery_goes_to_minus_one_and_the_delivery_closes_it(move_in: MoveIn) -> None:
    """AC-1: the session is told first, the delivery of the day before is typed in later."""
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.uses({item: 1})
    session = a_session(clinic)

    await inventory.hears(session)
    assert await inventory.on_hand(clinic, item) == -1
    lot = await inventory.receives(clinic, item, 1, received_on=TODAY - timedelta(days=1))

    assert await inventory.on_hand(clinic, item) == 0
    assert await inventory.lots(clinic, item) == {}
    assert await inventory.discrepancies() == []
    assert await inventory.discrepancies(is_open=False) == [("short", 1)]
    assert await inventory.mismatches() == []
    told = await inventory.told("stock-consumed")
    assert [(each["version"], [line["expires_on"] for line in each["lines"]]) for each in told] == [
        (1, [None]),
        (2, [NEXT_YEAR.isoformat()]),
    ]
    assert told[1]["lines"][0]["lot_id"] == str(lot)


async def test_a_delivery_that_came_after_the_session_does_not_explain_it(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 1), at=NOON - timedelta(days=3)))

    await inventory.receives(clinic, item, 5, received_on=TODAY)
    assert await inventory.lots(clinic, item) == {"A1": 5, "?": -1}
    assert await inventory.discrepancies() == [("short", 1)]

    await inventory.receives(clinic, item, 5, lot="B1", received_on=TODAY - timedelta(days=3))
    assert await inventory.lots(clinic, item) == {"A1": 5, "B1": 4}
    assert await inventory.discrepancies() == []


async def test_a_delivery_without_a_day_came_today_and_is_not_traced_to_who_was_treated_earlier(
    move_in: MoveIn,
) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 1), at=NOON - timedelta(days=3)))
    owner = inventory.house.client("inventory", a_member_of_staff("owner"))

    lot = await inventory.receives(clinic, item, 5)

    trace = (await owner.get(f"/lots/{lot}/trace")).json()
    assert [each["at"][:10] for each in trace["received"]] == [TODAY.isoformat()]
    assert trace["used_on"] == []
    assert await inventory.discrepancies() == [("short", 1)]


async def test_a_lot_that_had_expired_by_then_does_not_explain_a_session(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 1)))

    yesterday = TODAY - timedelta(days=1)
    await inventory.receives(clinic, item, 5, expires_on=yesterday, received_on=yesterday - timedelta(days=9))

    assert await inventory.lots(clinic, item) == {"A1": 5, "?": -1}


async def test_a_small_delivery_closes_the_oldest_shortage_and_part_of_the_next(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    for hours in (3, 2, 1):
        await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 2), at=NOON - timedelta(hours=hours)))

    await inventory.receives(clinic, item, 3, lot="A1")

    assert await inventory.discrepancies(is_open=False) == [("short", 2)]
    assert await inventory.discrepancies() == [("short", 1), ("short", 2)]
    assert await inventory.lots(clinic, item) == {"?": -3}
    assert await inventory.mismatches() == []

    await inventory.receives(clinic, item, 2, lot="B1")
    await inventory.receives(clinic, item, 2, lot="A1")

    assert await inventory.discrepancies() == []
    assert await inventory.lots(clinic, item) == {"A1": 1}
    assert await inventory.mismatches() == []


async def test_a_recorded_lot_is_closed_by_more_of_the_same_lot_only(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    lot = await inventory.receives(clinic, item, 1, lot="A1")
    await inventory.hears(a_session(clinic, ConsumptionLine.of(item, 3, lot)))

    await inventory.receives(clinic, item, 9, lot="B1")
    assert await inventory.discrepancies() == [("short", 2)]

    await inventory.receives(clinic, item, 3, lot="A1")
    assert await inventory.discrepancies() == []
    assert await inventory.lots(clinic, item) == {"A1": 1, "B1": 9}
    assert await inventory.mismatches() == []


async def test_stock_of_another_location_closes_nothing_here(move_in: MoveIn) -> None:
    inventory, here, there = await an_inventory(move_in), Clinic(), Clinic()
    item = await inventory.has_item()
    await inventory.hears(a_session(here, ConsumptionLine.of(item, 1)))

    await inventory.receives(there, item, 5)

    assert (await inventory.on_hand(here, item), await inventory.on_hand(there, item)) == (-1, 5)
    assert await inventory.discrepancies() == [("short", 1)]


async def test_the_same_lot_twice_in_a_delivery_is_one_movement_and_packs_are_exact(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    async with inventory.db.transaction() as tx:
        box = NewPack("box of 20", 20, BOX_GTIN)
        item = await add_item(tx, NewItem("cart-12", "Cartridge", ItemClass.CARTRIDGE, BaseUnit.EACH, [box]), at=NOON)
        lines = [
            DeliveryLine(item.id, "A1", NEXT_YEAR, 3, gtin=BOX_GTIN, pack="box of 20"),
            DeliveryLine(item.id, "A1", NEXT_YEAR, 4),
        ]
        await receive(tx, Delivery(clinic.id, lines), at=NOON)

    assert await inventory.lots(clinic, item.id) == {"A1": 64}
    [told] = await inventory.told("stock-received")
    assert [line["quantity"] for line in told["lines"]] == [64]


async def test_more_of_a_lot_than_any_fact_can_carry_is_refused_however_it_adds_up(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    async with inventory.db.transaction() as tx:
        pallet = NewPack("pallet", COUNT_MAX)
        item = await add_item(
            tx, NewItem("cart-12", "Cartridge", ItemClass.CARTRIDGE, BaseUnit.EACH, [pallet]), at=NOON
        )
    by_packs = [DeliveryLine(item.id, "A1", NEXT_YEAR, COUNT_MAX, pack="pallet")]
    by_lines = [DeliveryLine(item.id, "A1", NEXT_YEAR, COUNT_MAX)] * 11

    for lines in (by_packs, by_lines):
        with pytest.raises(TooMuchOfALot):
            async with inventory.db.transaction() as tx:
                await receive(tx, Delivery(clinic.id, lines), at=NOON)

    assert await inventory.lots(clinic, item.id) == {}


async def test_lot_numbers_differ_by_case(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()

    await inventory.receives(clinic, item, 1, lot="a1")
    await inventory.receives(clinic, item, 2, lot="A1", expires_on=TODAY)

    assert await inventory.lots(clinic, item) == {"a1": 1, "A1": 2}


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ({"expires_on": TODAY - timedelta(days=1)}, ExpiredOnReceipt),
        ({"expires_on": date(2036, 11, 24)}, ExpiryTooFar),
        ({"expires_on": NEXT_YEAR + timedelta(days=1)}, LotExpiresOtherwise),
        ({"gtin": BOX_GTIN, "lot_number": "B1"}, GtinOfAnotherItem),
        ({"pack": "case of 1000"}, UnknownPack),
        ({"item_id": LotId(Clinic().id)}, UnknownItem),
    ],
)
async def test_a_label_that_can_not_be_true_is_refused(
    move_in: MoveIn, line: dict[str, object], refusal: type[DomainError]
) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()
    await inventory.receives(clinic, item, 1)
    async with inventory.db.transaction() as tx:
        new = NewItem("roller", "Roller", ItemClass.ROLLER, BaseUnit.EACH, [NewPack("box", 10, BOX_GTIN)])
        await add_item(tx, new, at=NOON)
    told = {"item_id": item, "lot_number": "A1", "expires_on": NEXT_YEAR, "quantity": 1, **line}

    with pytest.raises(refusal):
        async with inventory.db.transaction() as tx:
            await receive(tx, Delivery(clinic.id, [DeliveryLine(**told)]), at=NOON)  # type: ignore[arg-type]  # the parameters

    assert await inventory.lots(clinic, item) == {"A1": 1}


async def test_a_lot_that_expires_today_or_in_ten_years_is_welcome(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic()
    item = await inventory.has_item()

    await inventory.receives(clinic, item, 1, lot="TODAY", expires_on=TODAY)
    await inventory.receives(clinic, item, 1, lot="LATE", expires_on=date(2036, 11, 23))

    assert await inventory.on_hand(clinic, item) == 2


async def test_today_is_the_day_at_the_location(move_in: MoveIn) -> None:
    inventory, clinic = await an_inventory(move_in), Clinic(zone="Pacific/Auckland")
    await inventory.hears(clinic.told())
    item = await inventory.has_item()

    with pytest.raises(ExpiredOnReceipt):
        await inventory.receives(clinic, item, 1, expires_on=TODAY)
    await inventory.receives(clinic, item, 1, expires_on=TODAY + timedelta(days=1))
    with pytest.raises(ReceivedInTheFuture):
        await inventory.receives(clinic, item, 1, received_on=TODAY + timedelta(days=2))
