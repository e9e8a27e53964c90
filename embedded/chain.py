"""The whole chain of clinics in one process: every service with its own database, one carrier, the web, one door."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from chassis import migrate
from chassis.bus.local import LocalCarrier
from chassis.clock import Clock
from chassis.run import Running
from chassis.service import Service
from chassis.tokens import KeySource
from embedded import databases
from embedded.front import Front
from embedded.postgres import Cluster
from embedded.roster import ROSTER
from embedded.secrets import Secrets
from web import app as web
from web.live import Live
from web.settings import DemoAccount, WebSettings


def manifests(cluster: Cluster, secrets: Secrets) -> dict[str, Service]:
    """Every service with the settings it has in this process."""
    return {name: member.build(_settings(name, cluster, secrets)) for name, member in ROSTER.items()}


def _settings(name: str, cluster: Cluster, secrets: Secrets) -> Any:
    settings = ROSTER[name].settings
    return settings(
        database_url=SecretStr(cluster.url(name, user=name)),
        migration_url=SecretStr(cluster.url(name, user=databases.owner_of(name))),
        service_key=SecretStr(secrets.get(f"service_key_{name}")),
        **_own(name, secrets),
    )


def _own(name: str, secrets: Secrets) -> Mapping[str, Any]:
    """What only identity is told."""
    if name != "identity":
        return {}
    keys = {each: SecretStr(secrets.get(f"service_key_{each}")) for each in ROSTER}
    return {"key_encryption_key": SecretStr(secrets.get("key_encryption_key")), "service_keys": keys}


async def prepare(cluster: Cluster, services: Mapping[str, Service]) -> list[str]:
    """Databases, roles and tables as the services need them; returns which of them had to be changed."""
    await asyncio.gather(*(databases.ensure(cluster, name) for name in services))
    current = await asyncio.gather(*(migrate.is_current(service) for service in services.values()))
    outdated = [service for service, is_current in zip(services.values(), current, strict=True) if not is_current]
    for service in outdated:
        await migrate.upgrade(service)
    return [service.name for service in outdated]


class Chain:
    """All services put together: `app` answers HTTP; `start` makes facts flow and clocks tick, `stop` ends it."""

    def __init__(
        self, services: Mapping[str, Service], *, clock: Clock | None = None, keys: KeySource | None = None
    ) -> None:
        self.carrier = LocalCarrier()
        self.transports: dict[str, httpx.AsyncBaseTransport] = {}
        self.running: dict[str, Running] = {}
        for name, service in services.items():
            running = Running(service, self.carrier, clock=clock, transports=self.transports, keys=keys)
            self.carrier.subscribe(running.consumer)
            self.transports[name] = httpx.ASGITransport(app=running.app, raise_app_exceptions=False)
            self.running[name] = running

    async def prepare(self) -> None:
        """What the services want done before they take work."""
        for running in self.running.values():
            await running.prepare()

    def start(self) -> None:
        """Relays and timers run in the background from now on."""
        for running in self.running.values():
            running.start()

    async def settle(self) -> None:
        """Relay until no outbox that was written to holds anything: every fact has had its effects then."""
        while waiting := [each for each in self.running.values() if each.context.db.has_facts.is_set()]:
            for running in waiting:
                running.context.db.has_facts.clear()
            await asyncio.gather(*(running.relay.drain() for running in waiting))

    async def stop(self) -> None:
        """Let all of them finish before one lets go: none is left to deliver to one that is gone."""
        await asyncio.gather(*(running.finish() for running in self.running.values()))
        await asyncio.gather(*(running.close() for running in self.running.values()))


class Site:
    """A chain with its web front end behind one door."""

    def __init__(self, chain: Chain, secrets: Secrets, *, demo_accounts: tuple[DemoAccount, ...] = ()) -> None:
        self.live = Live()
        settings = WebSettings(
            secret=SecretStr(secrets.get("web_secret")), cookie_secure=False, demo_accounts=demo_accounts
        )
        self.web: FastAPI = web.create(settings, transports=chain.transports, live=self.live)
        self.app = Front(chain.running, self.web)
        chain.carrier.look_on(partial(web.hear, self.web))

    async def close(self) -> None:
        """Let every browser go."""
        await web.close(self.web)
