"""Brings a service's database to the newest schema: the chassis' tables and the service's own (Alembic)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import to_tuple
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

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


async def is_current(service: Service) -> bool:
    """Whether nothing is left to run. Unlike `upgrade` it may run for several services at once.

    Alembic keeps the migration it runs in module globals, so one process upgrades one database after the other.
    """
    url = service.settings.migration_url or service.settings.database_url
    engine = create_async_engine(url.get_secret_value())
    try:
        async with engine.connect() as connection:
            reached = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_heads())
    finally:
        await engine.dispose()
    return set(reached) == _last_of(ScriptDirectory.from_config(config(service)))


async def is_behind(service: Service, engine: AsyncEngine) -> bool:
    """Whether the database lacks something this code needs; one that is ahead of it (a newer release) is not behind."""
    async with engine.connect() as connection:
        reached = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_heads())
    scripts = ScriptDirectory.from_config(config(service))
    ours = {revision.revision for revision in scripts.walk_revisions()}
    return set(reached) <= ours and not _last_of(scripts) <= set(reached)


def _last_of(scripts: ScriptDirectory) -> set[str]:
    """What the version table holds in the end: the revisions that no other one follows or depends on."""
    revisions = list(scripts.walk_revisions())
    followed = {
        each
        for revision in revisions
        for each in (*to_tuple(revision.down_revision, ()), *to_tuple(revision.dependencies, ()))
    }
    return {revision.revision for revision in revisions} - followed


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
