"""Services running in the test's own process: real databases, the local carrier, a clock that the test moves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from chassis.bus.local import LocalCarrier
from chassis.clock import ManualClock
from chassis.message import Message
from chassis.run import Running
from chassis.service import Service
from chassis.settings import ServiceSettings
from chassis.tokens import Caller
from tests.support.databases import TestCluster
from tests.support.documents import holding_to
from tests.support.tokens import TestSigner

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""A Monday, noon in New York."""

Build = Callable[[Any], Service]


@dataclass(frozen=True)
class Plan:
    """Which service to run, and what its settings have beyond the database."""

    build: Build
    settings: type[ServiceSettings]
    more: Mapping[str, Any]


def plan(build: Build, settings: type[ServiceSettings], **more: Any) -> Plan:
    return Plan(build, settings, more)


class House:
    """Some services together. `call` speaks HTTP to one of them; `settle` delivers every fact there is."""

    def __init__(self, test_cluster: TestCluster, carrier: LocalCarrier | None = None) -> None:
        self._cluster = test_cluster
        self._databases: list[str] = []
        self.clock = ManualClock(NOON)
        self.signer = TestSigner()
        self.carrier = carrier or LocalCarrier()
        self.running: dict[str, Running] = {}
        self.published: list[Message] = []
        self.carrier.look_on(self.published.extend)
        self._transports: dict[str, httpx.AsyncBaseTransport] = {}

    async def move_in(self, plans: Sequence[Plan]) -> None:
        """Create the databases and put the services together; nothing runs in the background."""
        for each in plans:
            await self._add(each)

    async def _add(self, each: Plan) -> None:
        name = each.build(each.settings(database_url=SecretStr("postgresql+asyncpg://x"), **each.more)).name
        settings = each.settings(
            database_url=SecretStr(self._cluster.url(name)),
            migration_url=SecretStr(self._cluster.owner_url(name)),
            **each.more,
        )
        database = await self._cluster.fresh(each.build(settings))
        self._databases.append(database)
        service = each.build(settings.model_copy(update={"database_url": SecretStr(self._cluster.url(name, database))}))
        running = Running(service, self.carrier, clock=self.clock, transports=self._transports, keys=self._keys)
        self.carrier.subscribe(running.consumer)
        self._transports[name] = httpx.ASGITransport(app=running.app)
        self.running[name] = running

    async def _keys(self) -> Mapping[str, Any]:
        """The signer's key, and identity's own where it lives here: services sign in at it for themselves."""
        keys = list((await self.signer.keys())["keys"])
        if "identity" in self.running:
            keys += (await self.client("identity").get("/keys")).json()["keys"]
        return {"keys": keys}

    def client(self, service: str, caller: Caller | None = None) -> httpx.AsyncClient:
        """Speaks to one service as this caller; a problem that its document does not tell fails the test."""
        headers = {}
        if caller is not None:
            headers["authorization"] = f"Bearer {self.signer.token(caller, now=self.clock.now())}"
        app = self.running[service].app
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url=f"http://{service}.test",
            headers=headers,
            event_hooks={"response": [holding_to(app)]},
        )

    async def settle(self) -> None:
        """Relay until no outbox holds anything: every fact has had every effect."""
        while True:
            moved = [await running.relay.drain() for running in self.running.values()]
            if not any(moved):
                return

    def facts(self, type_: str) -> list[dict[str, Any]]:
        """The bodies of all published facts of one type, in order."""
        return [message.body for message in self.published if message.envelope.type == type_]

    async def close(self) -> None:
        for running in self.running.values():
            await running.stop()
        for database in self._databases:
            await self._cluster.drop(database)
