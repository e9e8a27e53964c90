"""A database that is up to date is known to be, without asking Alembic to run."""

from pydantic import SecretStr

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
