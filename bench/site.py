"""A whole Needlepoint as `make up` starts it, with an empty chain, its owner, and clinics without anybody's help."""

import asyncio
from dataclasses import dataclass

import asyncpg
import httpx
from pydantic import SecretStr

from bench.row import Bench
from chassis.db import Database
from chassis.settings import ServiceSettings
from embedded import owner
from embedded.postgres import Cluster
from tests.support.site import OwnSite

EMAIL, PASSWORD = "owner@clinic.example", "a long enough secret"


@dataclass(frozen=True, slots=True)
class Whole:
    """It runs in a process of its own; its databases are looked into from here."""

    bench: Bench
    site: OwnSite
    cluster: Cluster

    @property
    def url(self) -> str:
        return self.site.url

    def database(self, service: str) -> Database:
        """As the service itself reaches its database."""
        settings = ServiceSettings(database_url=SecretStr(self.cluster.url(service, user=service)))
        db = Database(settings, name=service)
        self.bench.stack.push_async_callback(db.close)
        return db

    async def bare(self, service: str) -> asyncpg.Connection:
        """A connection of nobody's making, without anything of ours in between."""
        connection = await self.cluster.connect(service, user=service)
        self.bench.stack.push_async_callback(connection.close)
        return connection

    async def token(self) -> str:
        """Of the owner, for the API."""
        told = {"email": EMAIL, "password": PASSWORD}
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            answer = (await client.post("/api/identity/tokens", json=told)).raise_for_status()
        token: str = answer.json()["access_token"]
        return token


async def whole(bench: Bench, *, notes_commits: bool = False) -> Whole:
    """Started, and stopped at the end of the row; if wanted, PostgreSQL notes the moment of each commit."""
    bench.tell("starting everything")
    site = OwnSite(bench.folder / "data", with_demo=False)
    bench.stack.callback(site.stop)
    await asyncio.to_thread(site.start)
    cluster = Cluster(site.folder)
    cluster.join()
    if notes_commits:
        connection = await cluster.connect()
        await connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        await connection.close()
        await asyncio.to_thread(site.stop)
        await asyncio.to_thread(site.start)
        cluster.join()
    await owner.create(cluster, site.folder, email=EMAIL, name="Owner", password=PASSWORD, prepared=True)
    return Whole(bench, site, cluster)
