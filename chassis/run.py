"""Runs a service: its HTTP application, and its worker (relay, listener, timers) until it is told to stop."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

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
from chassis.http import create_app, create_health_app
from chassis.inbox import Consumer
from chassis.knocking import Knocking
from chassis.peers import Peers
from chassis.relay import Relay
from chassis.service import Service
from chassis.stopping import Stopping
from chassis.timers import Timer
from chassis.tokens import KeyRing, KeySource

log = structlog.get_logger()

HOUSEKEEPING = timers.every(seconds=3600, do=tidy, is_vital=False)
FINISH_SECONDS = 6.0
"""What a batch that runs gets to commit once it is time to stop; then it is rolled back, and comes again."""


class Loop(Protocol):
    """What a worker runs beside its timers: a relay, a listener."""

    pulse: Pulse

    async def run(self) -> None: ...

    def stop(self) -> None:
        """Let `run` return after what it is at."""
        ...


class Running:
    """One service, put together: `app` answers HTTP, `consumer` takes facts, `start()` makes it relay and tick."""

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
        self.pulses: list[Pulse] = []
        """What `/ready` watches."""
        self._loops: list[Loop] = []
        self._stopping = Stopping()
        self._worker: asyncio.Task[None] | None = None

    @cached_property
    def app(self) -> FastAPI:
        """Everything the service answers."""
        app = create_app(self.service, self.context)
        app.state.consumer = self.consumer
        app.state.pulses = self.pulses
        return app

    @cached_property
    def health_app(self) -> FastAPI:
        """What a worker answers: how it is."""
        app = create_health_app(self.service, self.context)
        app.state.pulses = self.pulses
        return app

    async def prepare(self) -> None:
        """What the service wants done before it takes work; safe to do again, and by several processes at once."""
        for do in self.service.before_work:
            await do(self.context)

    def start(self, *listeners: Loop) -> asyncio.Task[None]:
        """Begin to relay, listen and tick in the background; `/ready` watches the loops from now on."""
        self._loops += [self.relay, *listeners]
        self.pulses += [each.pulse for each in self._loops]
        return self._begin(self.timers)

    def start_knocking(self) -> asyncio.Task[None]:
        """Wake the relay of another process when this one has written facts."""
        self._loops.append(Knocking(self.context.db))
        return self._begin(())

    def _begin(self, ticking: Sequence[Timer]) -> asyncio.Task[None]:
        self._worker = asyncio.create_task(self._work(ticking), name=f"{self.service.name} worker")
        return self._worker

    async def _work(self, ticking: Sequence[Timer]) -> None:
        async with asyncio.TaskGroup() as group:
            for loop in self._loops:
                group.create_task(loop.run(), name=f"{self.service.name} {loop.pulse.name}")
            for timer in ticking:
                pulse = Pulse(f"timer {timer.name}", rests_seconds=timer.seconds)
                if timer.is_vital:
                    self.pulses.append(pulse)
                group.create_task(timers.run(self.context, timer, pulse, self._stopping), name=pulse.name)

    def wind_down(self) -> None:
        """Take no more work: every loop ends after what it is at."""
        self._stopping.set()
        for loop in self._loops:
            loop.stop()

    async def finish(self) -> None:
        """Wind down, and wait until what was begun is committed, or after a few seconds rolled back.

        Raises what the worker died of, if it did.
        """
        self.wind_down()
        worker, self._worker = self._worker, None
        if worker is None:
            return
        try:
            await asyncio.wait_for(worker, FINISH_SECONDS)
        except TimeoutError:
            log.warning("worker.cut_short", service=self.service.name)

    async def close(self) -> None:
        """Let go of every connection."""
        await self.context.peers.close()
        await self.context.db.close()

    async def stop(self) -> None:
        """Finish what was begun, and let go."""
        try:
            await self.finish()
        finally:
            await self.close()
