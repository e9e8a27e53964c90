"""A whole Needlepoint as `make up` starts it, with an empty chain, its owner, and clinics without anybody's help."""

import asyncio
from dataclasses import dataclass

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

    async def token(self) -> str:
        """Of the owner, for the API."""
        told = {"email": EMAIL, "password": PASSWORD}
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            answer = (await client.post("/api/identity/tokens", json=told)).raise_for_status()
        token: str = answer.json()["access_token"]
        return token


async def whole(bench: Bench) -> Whole:
    """Started, and stopped at the end of the row."""
    bench.tell("starting everything")
    site = OwnSite(bench.folder / "data", with_demo=False)
    bench.stack.callback(site.stop)
    await asyncio.to_thread(site.start)
    cluster = Cluster(site.folder)
    cluster.join()
    await owner.create(cluster, site.folder, email=EMAIL, name="Owner", password=PASSWORD, prepared=True)
    return Whole(bench, site, cluster)
