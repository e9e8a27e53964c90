"""However much waits in the outbox, a batch costs the same."""

from chassis import outgoing
from chassis.settings import ServiceSettings
from tests.integration.conftest import MoveIn
from tests.support import marks
from tests.support.house import plan

MARKS = plan(marks.build, ServiceSettings)


async def test_a_batch_is_read_from_the_beginning_of_the_backlog_whatever_the_planner_believes(
    move_in: MoveIn,
) -> None:
    """As few rows wait nearly always, it would rather fetch and sort all of them; with a backlog, for each batch."""
    house = await move_in(MARKS)
    async with house.running["marks"].context.db.engine.connect() as connection:
        driver = await outgoing.driver_of(connection)
        async with driver.transaction():
            await driver.execute("SET LOCAL seq_page_cost = 0; SET LOCAL random_page_cost = 1000")
            await outgoing.waiting(driver, limit=10)
            plan = "\n".join(row[0] for row in await driver.fetch(f"EXPLAIN {outgoing._WAITING}", 10))

    assert "Index Scan using ix_outbox_unpublished on outbox fact" in plan
    assert "Sort" not in plan
