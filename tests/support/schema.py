"""What differs between a service's models and the database its migrations build: must be nothing."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from chassis.outbox import TABLES
from tests.support.house import House

NOT_ITS_OWN = frozenset({*TABLES.tables, "alembic_version"})


async def differences(house: House, service: str, models: MetaData) -> list[Any]:
    """The changes Alembic would make to bring the tables to what the models say; chassis tables left out."""
    async with house.running[service].context.db.engine.connect() as connection:
        return await connection.run_sync(_compare, models)


def _compare(connection: Connection, models: MetaData) -> list[Any]:
    def is_its_own(_: object, name: str | None, kind: str, *__: object) -> bool:
        return kind != "table" or name not in NOT_ITS_OWN

    options = {"include_object": is_its_own, "compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, models))
