"""The ear of a service on Kafka: one membership after the other, for as long as the process lives.

A membership that fails, or that no longer gets on, is ended and begun anew with fresh connections; that is the
cheapest cure for a client that hangs. Facts that were taken meanwhile are known to the inbox.
"""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import structlog

from chassis import telemetry
from chassis.bus.dead_letters import DeadLetters
from chassis.bus.kafka import KafkaSettings
from chassis.bus.membership import Membership
from chassis.bus.watching import Watch
from chassis.health import Pulse
from chassis.inbox import Consumer
from chassis.stopping import Stopping

log = structlog.get_logger()

BACKOFF_SECONDS_MAX = 15.0


class Listener:
    """Hands every fact of these topics to a consumer, and parks what is none."""

    def __init__(self, consumer: Consumer, settings: KafkaSettings, *, topics: Sequence[str]) -> None:
        self.consumer = consumer
        self.pulse = Pulse("listener")
        self.membership: Membership | None = None
        """The present one."""
        self._settings = settings
        self._topics = tuple(topics)
        self._stopping = Stopping()
        telemetry.listens(consumer.name)

    def stop(self) -> None:
        """Let `run` return after what it is at."""
        self._stopping.set()

    async def run(self) -> None:
        """Listen until told to stop; whatever fails, begin anew where the last commit was."""
        failures = 0
        dead_letters = DeadLetters(self._settings, service=self.consumer.name)
        try:
            while not self._stopping.is_set():
                try:
                    await self._listen(dead_letters)
                    failures = 0
                except Exception as error:
                    failures += 1
                    await self._recover(error, failures)
        finally:
            await dead_letters.close()

    async def _recover(self, error: Exception, failures: int) -> None:
        self.pulse.failed(error)
        telemetry.REBUILDS.labels(self.consumer.name).inc()
        wait = random.uniform(0, min(BACKOFF_SECONDS_MAX, 0.2 * 2**failures))  # noqa: S311 - jitter, no secret
        log.warning(
            "listener.failed",
            consumer=self.consumer.name,
            attempt=failures,
            retry_seconds=round(wait, 2),
            exc_info=error,
        )
        await self._stopping.rest(wait)

    async def _listen(self, dead_letters: DeadLetters) -> None:
        """One membership, from joining to leaving; raises what ended it."""
        membership = Membership(self.consumer, self._settings, dead_letters=dead_letters, stopping=self._stopping)
        self.membership = membership
        watch = Watch(membership, self._settings, service=self.consumer.name, pulse=self.pulse)
        try:
            # A member that was killed holds the others up until its session is over: long, when we are told to stop.
            await _first_of(membership.join(self._topics), self._stopping.wait())
            if not self._stopping.is_set():
                self.pulse.beat()
                await _first_of(membership.listen(), watch.keep())
        finally:
            watch.forget()
            await membership.leave()


async def _first_of(*works: Any) -> None:
    """Run them side by side until one ends or fails; the others are cancelled, and waited for."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
