"""The migrated database is what the mapped classes say."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.booking.record import Record
from tests.integration.conftest import MoveIn
from tests.support.booking import BOOKING, database


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection,
        opts={"include_object": lambda thing, name, kind, *_: kind != "table" or name in Record.metadata.tables},
    )
    return list(compare_metadata(context, Record.metadata))


async def test_the_migration_builds_what_the_models_map(move_in: MoveIn) -> None:
    house = await move_in(BOOKING)

    async with database(house).engine.connect() as connection:
        found = await connection.run_sync(_differences)

    assert found == []
