"""Real PostgreSQL for tests: one throw-away cluster a run, one migrated template a service, one clone a test."""

import asyncio
from itertools import count
from pathlib import Path

from chassis import migrate
from chassis.service import Service
from embedded import databases
from embedded.postgres import Cluster

_numbers = count(1)


class TestCluster:
    """Hands out fresh databases; a clone of a migrated template takes some 30 ms."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster(folder, durable=False)
        self._templates: set[str] = set()
        self._cloning = asyncio.Lock()

    @property
    def socket(self) -> Path:
        """Where the server listens."""
        return Path(self.cluster.url("", user="").partition("host=")[2]) / ".s.PGSQL.5432"

    def url(self, service: str, database: str | None = None) -> str:
        return self.cluster.url(database or service, user=service)

    def owner_url(self, service: str, database: str | None = None) -> str:
        return self.cluster.url(database or service, user=databases.owner_of(service))

    async def fresh(self, service: Service) -> str:
        """The name of a new, migrated, empty database for this service."""
        async with self._cloning:
            if service.name not in self._templates:
                await databases.ensure(self.cluster, service.name)
                await migrate.upgrade(service)
                self._templates.add(service.name)
            name = f"{service.name}_{next(_numbers)}"
            connection = await self.cluster.connect()
            try:
                await connection.execute(
                    f'CREATE DATABASE "{name}" TEMPLATE "{service.name}" OWNER "{databases.owner_of(service.name)}"'
                )
                await connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{service.name}"')
            finally:
                await connection.close()
            return name

    async def drop(self, name: str) -> None:
        connection = await self.cluster.connect()
        try:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        finally:
            await connection.close()


class Detoured(TestCluster):
    """The same cluster, with services that reach their databases through a port of this machine."""

    __test__ = False

    def __init__(self, direct: TestCluster, *, port: int) -> None:
        self.cluster, self._templates, self._cloning = direct.cluster, direct._templates, direct._cloning
        self._port = port

    def url(self, service: str, database: str | None = None) -> str:
        if database is None:
            return super().url(service)
        return f"postgresql+asyncpg://{service}@127.0.0.1:{self._port}/{database}"
