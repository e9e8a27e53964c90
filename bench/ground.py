"""What rows stand on: PostgreSQL as `make up` runs it, and services as processes of their own."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import asyncpg
from pydantic import SecretStr

from bench.row import Bench
from chassis import migrate
from chassis.bus.kafka import KafkaSettings
from chassis.clock import SystemClock, new_id
from chassis.db import Database
from chassis.service import Service
from chassis.settings import ServiceSettings
from chassis.tokens import Caller, claims_for
from embedded import databases
from embedded.postgres import Cluster
from embedded.roster import ROSTER
from tests.support.serving import Served, served
from tests.support.tokens import TestSigner

TOKEN_TIME = timedelta(hours=1)
"""A row measures on for longer than a real token lives."""


@dataclass(frozen=True)
class Ground:
    """One PostgreSQL that waits for the disk at each commit, as in use, and a key that services here trust."""

    bench: Bench
    cluster: Cluster

    @cached_property
    def signer(self) -> TestSigner:
        return TestSigner()

    async def migrated(self, name: str) -> Service:
        """A service with a database of its own, migrated and empty."""
        self.bench.tell(f"making the database of {name}")
        await databases.ensure(self.cluster, name)
        service = self.service(name)
        await migrate.upgrade(service)
        return service

    def service(self, name: str) -> Service:
        member = ROSTER[name]
        settings: ServiceSettings = member.settings(
            database_url=SecretStr(self.cluster.url(name, user=name)),
            migration_url=SecretStr(self.cluster.url(name, user=databases.owner_of(name))),
        )
        return member.build(settings)

    def database(self, service: Service) -> Database:
        """The service's own way to its database, in this process."""
        db = Database(service.settings, name=service.name)
        self.bench.stack.push_async_callback(db.close)
        return db

    async def bare(self, service: Service) -> asyncpg.Connection:
        """A connection of nobody's making: as the service's role, without anything of ours in between."""
        connection = await self.cluster.connect(service.name, user=service.name)
        self.bench.stack.push_async_callback(connection.close)
        return connection

    async def settle(self, service: Service) -> None:
        """What was put in is counted and on the disk: neither is left for the measuring to wait for."""
        connection = await self.cluster.connect(service.name)
        try:
            await connection.execute("VACUUM ANALYZE")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()

    def token(self, role: str) -> str:
        """For a member of staff who may do everywhere what this role may."""
        caller, now = Caller(id=new_id(), kind="staff", name="", grants={role: None}), SystemClock().now()
        claims = claims_for(caller, now=now, token_id=new_id())
        return self.signer.sign(claims | {"exp": int((now + TOKEN_TIME).timestamp())})

    async def served(self, service: Service, role: str = "api", *, kafka: KafkaSettings | None = None) -> Served:
        """The service as a process, as it is deployed; its log goes into a file."""
        self.bench.tell(f"starting {service.name}")
        environment = {
            "NEEDLEPOINT_DATABASE_URL": service.settings.database_url.get_secret_value(),
            "NEEDLEPOINT_PEER_URLS": json.dumps({"identity": await self._identity()}),
        }
        if kafka:
            environment["NEEDLEPOINT_KAFKA_BOOTSTRAP_SERVERS"] = kafka.bootstrap_servers
            environment["NEEDLEPOINT_KAFKA_PREFIX"] = kafka.prefix
        process = self.bench.stack.enter_context(
            served(
                f"services.{service.name}",
                role,
                environment=environment,
                log_file=self.bench.folder / f"{service.name}-{role}.log",
            )
        )
        await asyncio.to_thread(process.wait_for, "process.started")
        return process

    async def _identity(self) -> str:
        """The address at which services find the keys they trust; stands in identity's place."""
        body = json.dumps(await self.signer.keys()).encode()
        answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
        answer += b"content-length: %d\r\n\r\n%s" % (len(body), body)

        async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(tell, "127.0.0.1", 0)
        self.bench.stack.callback(server.close)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def ground(bench: Bench, **settings: str) -> Ground:
    """Started, and stopped at the end of the row."""
    bench.tell("starting PostgreSQL")
    cluster = Cluster(bench.folder / "postgres", settings=settings)
    cluster.start()
    bench.stack.callback(cluster.stop)
    return Ground(bench, cluster)
