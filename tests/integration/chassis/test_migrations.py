"""A database that is up to date is known to be, without asking Alembic to run."""

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import migrate
from chassis.settings import ServiceSettings
from embedded import databases
from tests.support import marks
from tests.support.databases import TestCluster


async def test_a_migrated_database_is_current_and_an_empty_one_is_not(test_cluster: TestCluster) -> None:
    await databases.ensure(test_cluster.cluster, "unmigrated")
    url = test_cluster.cluster.url("unmigrated", user=databases.owner_of("unmigrated"))
    service = marks.build(ServiceSettings(database_url=SecretStr(url)))

    before = await migrate.is_current(service)
    await migrate.upgrade(service)

    assert (before, await migrate.is_current(service)) == (False, True)


async def test_a_database_is_behind_until_it_is_migrated_and_not_when_a_newer_release_was_here(
    test_cluster: TestCluster,
) -> None:
    await databases.ensure(test_cluster.cluster, "newer")
    url = test_cluster.cluster.url("newer", user=databases.owner_of("newer"))
    service = marks.build(ServiceSettings(database_url=SecretStr(url)))
    engine = create_async_engine(url)
    try:
        empty = await migrate.is_behind(service, engine)
        await migrate.upgrade(service)
        migrated = await migrate.is_behind(service, engine)
        async with engine.begin() as connection:
            leap = "UPDATE alembic_version SET version_num = 'marks_0099' WHERE version_num ^@ 'marks'"
            await connection.execute(text(leap))
        newer = await migrate.is_behind(service, engine)
    finally:
        await engine.dispose()

    assert (empty, migrated, newer) == (True, False, False)
