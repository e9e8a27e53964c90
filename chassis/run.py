"""Runs a service: its HTTP application, and its worker (relay and timers) until it is told to stop."""

import asyncio
import contextlib
from collections.abc import Mapping

import httpx
import structlog
from fastapi import FastAPI

from chassis import timers
from chassis.bus import Carrier
from chassis.clock import Clock, SystemClock
from chassis.context import Context
from chassis.db import Database
from chassis.health import Pulse
from chassis.housekeeping import tidy
from chassis.http import create_app
from chassis.inbox import Consumer
from chassis.peers import Peers
from chassis.relay import Relay
from chassis.service import Service
from chassis.tokens import KeyRing, KeySource

log = structlog.get_logger()

HOUSEKEEPING = timers.every(seconds=3600, do=tidy)


class Running:
    """One service, put together: `app` answers HTTP, `consumer` takes facts, `work()` relays and ticks."""

    def __init__(
        self,
        service: Service,
        carrier: Carrier,
        *,
        clock: Clock | None = None,
        transports: Mapping[str, httpx.AsyncBaseTransport] | None = None,
        keys: KeySource | None = None,
    ) -> None:
        settings = service.settings
        clock = clock or SystemClock()
        db = Database(settings, name=service.name)
        peers = Peers(settings, clock, name=service.name, transports=transports)
        self.service = service
        self.timers = (*service.timers, HOUSEKEEPING)
        self.context = Context(service.name, settings, clock, db, peers, KeyRing(keys or peers.public_keys))
        self.consumer = Consumer(
            db, service.subscriptions, name=service.name, attempts_max=settings.consumer_attempts_max
        )
        self.relay = Relay(db, carrier, batch=settings.relay_batch, poll_seconds=settings.relay_poll_seconds)
        self.pulses = {timer.name: Pulse(f"timer {timer.name}", rests_seconds=timer.seconds) for timer in self.timers}
        self.app: FastAPI = create_app(service, self.context)
        self.app.state.consumer = self.consumer
        self._worker: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work in the background; `/ready` watches the loops from now on."""
        self.app.state.pulses = [self.relay.pulse, *self.pulses.values()]
        self._worker = asyncio.create_task(self.work(), name=f"{self.service.name} worker")

    async def work(self) -> None:
        """Relay and timers, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.relay.run(), name=f"{self.service.name} relay")
            for timer in self.timers:
                group.create_task(timers.run(self.context, timer, self.pulses[timer.name]), name=timer.name)

    async def stop(self) -> None:
        """Stop taking work and let go of every connection; what was begun commits or rolls back."""
        if self._worker is not None:
            self._worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._worker
        await self.context.peers.close()
        await self.context.db.close()
