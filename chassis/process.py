"""A service as a process of its own: `python -m services.<name> (api|worker|both|migrate)`.

It starts whatever is there: a database or a broker that does not answer yet is waited for, and `/ready` says so.
"""

import argparse
import asyncio
import random
import sys
from collections.abc import Callable, Coroutine, Sequence
from itertools import count
from typing import Any

import structlog
import uvloop

from chassis import log, migrate
from chassis.bus.kafka import KafkaCarrier, KafkaSettings
from chassis.bus.listening import Listener
from chassis.db import is_transient
from chassis.health import Pulse
from chassis.message import Message
from chassis.role import Role
from chassis.run import Running
from chassis.server import Below, serving
from chassis.service import Service
from chassis.settings import ServiceSettings, UnusableSettings, read
from chassis.stopping import Stopping

logger = structlog.get_logger()

AGAIN_SECONDS_MAX = 5.0
"""How long at most until what could not be prepared is tried again."""


class SchemaIsBehind(RuntimeError):
    """The database lacks what this release needs: `migrate` has not run yet."""


class NothingToRelay:
    """The carrier of an api: its facts wait in the outbox until a worker relays them."""

    async def publish(self, messages: Sequence[Message]) -> None:
        raise RuntimeError(f"an api was asked to relay {len(messages)} facts")


def main(build: Callable[[Any], Service], settings: type[ServiceSettings]) -> None:
    """Run a service in the role that the command line names, until it is told to stop."""
    parser = options()
    parser.add_argument("role", nargs="?", type=Role, choices=list(Role), default=Role.BOTH)
    given = vars(parser.parse_args())
    role: Role = given.pop("role")
    try:
        service = build(read(settings, **given))
        kafka = read(KafkaSettings) if role.works else None
        log.configure(level=service.settings.log_level, file=sys.stdout)
        run(migrate.upgrade(service) if role is Role.MIGRATE else _run(service, role, kafka))
    except UnusableSettings as error:
        sys.exit(str(error))


def options() -> argparse.ArgumentParser:
    """What every process can be told on the command line."""
    parser = argparse.ArgumentParser(
        epilog="Everything else is told by NEEDLEPOINT_… in the environment, or by files in /run/secrets.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--host", help="address to listen on, in the place of NEEDLEPOINT_HOST")
    parser.add_argument("--port", type=int, help="port to listen on, in the place of NEEDLEPOINT_PORT")
    return parser


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, on the event loop of all our processes."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


async def _run(service: Service, role: Role, kafka: KafkaSettings | None) -> None:
    """One process of a service, from its start to its end."""
    carrier = KafkaCarrier(kafka, name=service.name) if kafka else None
    running = Running(service, carrier or NothingToRelay())
    app = Below(running.app if role.answers else running.health_app, f"/api/{service.name}")
    try:
        async with serving(app, service.settings, name=service.name, role=role) as told:
            await _prepare(running, told)
            if not told.is_set():
                working = running.start(*_listeners(running, kafka)) if kafka else running.start_knocking()
                working.add_done_callback(lambda _: told.set())
            await told.wait()
            await running.finish()
    finally:
        await running.close()
        if carrier is not None:
            await carrier.close()


def _listeners(running: Running, kafka: KafkaSettings) -> list[Listener]:
    """One for all topics; a service that listens to nobody has none."""
    topics = sorted({fact.topic() for fact in running.service.subscriptions})
    return [Listener(running.consumer, kafka, topics=topics)] if topics else []


async def _prepare(running: Running, told: Stopping) -> None:
    """Do what comes before work, until it is done or the process is told to stop; `/ready` says that it waits."""
    pulse = Pulse("start")
    pulse.waits()
    running.pulses.append(pulse)
    for attempt in count(1):
        try:
            if await migrate.is_behind(running.service, running.context.db.engine):
                raise SchemaIsBehind
            await running.prepare()
        except Exception as error:
            wait = random.uniform(0.1, min(AGAIN_SECONDS_MAX, 0.2 * 2**attempt))  # noqa: S311 - jitter, no secret
            logger.warning("start.waits", reason=_why(error), retry_seconds=round(wait, 2), exc_info=error)
            await told.rest(wait)
        else:
            running.pulses.remove(pulse)
            return
        if told.is_set():
            return


def _why(error: Exception) -> str:
    if isinstance(error, SchemaIsBehind):
        return "the database that NEEDLEPOINT_DATABASE_URL names lacks what this release needs; run migrate"
    if isinstance(error, OSError) or is_transient(error):
        return "the database that NEEDLEPOINT_DATABASE_URL names does not answer"
    return "the database that NEEDLEPOINT_DATABASE_URL names refuses"
