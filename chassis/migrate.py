"""Brings a service's database to the newest schema: the chassis' tables and the service's own (Alembic)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.service import Service

HERE = Path(__file__).parent / "migrations"
LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"


def config(service: Service) -> Config:
    """Alembic's configuration for one service: two branches, one database."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("version_locations", f"{HERE / 'versions'}:{service.migrations}")
    return settings


async def upgrade(service: Service) -> None:
    """Run what has not run yet; a database that is up to date is left alone."""
    url = service.settings.migration_url or service.settings.database_url
    engine = create_async_engine(url.get_secret_value())
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
            await connection.commit()
            await connection.run_sync(_upgrade, config(service))
            await connection.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, settings: Config) -> None:
    settings.attributes["connection"] = connection
    command.upgrade(settings, "heads")
