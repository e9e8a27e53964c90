"""The books hold, whatever the order of the facts, and the database lets nobody bend them (I12)."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.envelope import Fact
from contracts.values import ConsumptionLine, LotId
from services.inventory.record import Record
from tests.integration.conftest import MoveIn
from tests.support.chain import Clinic, a_treatment
from tests.support.databases import TestCluster
from tests.support.house import NOON
from tests.support.inventory import INVENTORY, Inventory, a_session, message
from tests.support.schema import differences

BATCH = 7


async def a_history(inventory: Inventory) -> list[Fact]:
    """Two clinics, three items, sessions with lots, without, and with lots that nobody knows."""
    clinics = [Clinic(code="nyc"), Clinic(code="lax", zone="America/Los_Angeles")]
    items = [await inventory.has_item(f"item-{number}") for number in range(3)]
    await inventory.uses({items[0]: 1, items[1]: 2})
    lots = [await inventory.receives(clinic, items[0], 3, lot=f"L{n}") for n, clinic in enumerate(clinics)]
    unknown = LotId(clinics[0].entity)
    lines = [(), (ConsumptionLine.of(items[0], 1, lots[0]),), (ConsumptionLine.of(items[2], 1, unknown),)]
    sessions = [a_session(clinics[n % 2], *lines[n % 3], at=NOON - timedelta(minutes=n)) for n in range(12)]
    return [*(clinic.told() for clinic in clinics), a_treatment(), a_treatment(version=2), *sessions]


@pytest.mark.parametrize("seed", range(4))
async def test_each_fact_three_times_in_any_order_gives_right_sums_and_one_consumption(
    move_in: MoveIn, seed: int
) -> None:
    inventory, random = Inventory(await move_in(INVENTORY)), Random(seed)
    history = await a_history(inventory)
    thrice = [message(fact) for fact in history for _ in range(3)]
    random.shuffle(thrice)

    for start in range(0, len(thrice), BATCH):
        await inventory.running.consumer.handle(thrice[start : start + BATCH])

    assert await inventory.mismatches() == []
    consumed = await inventory.told("stock-consumed")
    assert len(consumed) == len({each["appointment_id"] for each in consumed}) == 12
    used = sum(line["quantity"] for each in consumed for line in each["lines"])
    received = 6
    async with inventory.db.reading() as tx:
        assert received - used == await tx.scalar(text("SELECT sum(on_hand) FROM stock_level"))


@pytest.mark.parametrize(
    "statement", ["UPDATE movement SET quantity = quantity", "DELETE FROM movement", "TRUNCATE movement CASCADE"]
)
async def test_a_movement_can_not_be_changed_deleted_or_emptied_by_anybody(
    move_in: MoveIn, test_cluster: TestCluster, statement: str
) -> None:
    inventory, clinic = Inventory(await move_in(INVENTORY)), Clinic()
    await inventory.receives(clinic, await inventory.has_item(), 5)
    owner = create_async_engine(test_cluster.owner_url("inventory", inventory.db.engine.url.database))

    async with inventory.db.reading() as tx:
        with pytest.raises(DBAPIError, match="permission denied"):
            await tx.execute(text(statement))
    async with owner.connect() as connection:
        with pytest.raises(DBAPIError, match="a movement never changes"):
            await connection.execute(text(statement))
    await owner.dispose()


async def test_the_models_say_what_the_migrations_made(move_in: MoveIn) -> None:
    house = await move_in(INVENTORY)

    assert await differences(house, "inventory", Record.metadata) == []


async def test_the_indexes_carry_a_trace(move_in: MoveIn) -> None:
    """Neither way of a trace reads the whole table, however few rows there are."""
    inventory = Inventory(await move_in(INVENTORY))
    by_lot = "SELECT * FROM movement WHERE lot_id = '01a1fe51-0990-7000-8000-000000000000'"
    by_patient = (
        "SELECT * FROM consumption c JOIN movement m ON m.appointment_id = c.appointment_id"
        " WHERE c.patient_id = '01a1fe51-0990-7000-8000-000000000000'"
    )

    async with inventory.db.transaction() as tx:
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        for query in (by_lot, by_patient):
            plan = "\n".join(await tx.scalars(text(f"EXPLAIN {query}")))
            assert "Seq Scan" not in plan
