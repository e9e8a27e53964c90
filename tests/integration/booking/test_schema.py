"""The migrated database is what the mapped classes say."""

from services.booking.record import Record
from tests.integration.conftest import MoveIn
from tests.support.booking import BOOKING
from tests.support.schema import differences


async def test_the_migration_builds_what_the_models_map(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)

    assert await differences(house, "booking", Record.metadata) == []
