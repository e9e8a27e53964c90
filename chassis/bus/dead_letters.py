"""The topic of what could not be handled: each record as it came, with headers that say where, when and why.

It is written, and acknowledged, before the table of parked messages and long before the offset, so that nothing is
ever passed over that stands nowhere. Headers carry the class and the place of an error, never its text.
"""

import traceback
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from chassis import telemetry
from chassis.bus.poison import Poison
from chassis.bus.producing import Producer
from chassis.bus.wire import Headers, Record, Undecodable, encode
from chassis.clock import Clock, SystemClock
from chassis.errors import Unavailable
from chassis.message import Message, Origin

if TYPE_CHECKING:
    from chassis.bus.kafka import KafkaSettings
    from chassis.parked import Why

SUFFIX = ".dead-letters"
VALUE_BYTES_MAX = 4_000_000
"""What is larger stands in the table of parked messages only."""


class DeadLetters:
    """Writes to the dead letters of one service."""

    def __init__(self, settings: "KafkaSettings", *, service: str, clock: Clock | None = None) -> None:
        self.topic = settings.topic(service + SUFFIX)
        self._service = service
        self._clock = clock or SystemClock()
        self._producer = Producer(settings, name=f"{service}{SUFFIX}")

    async def write(self, about: Message | Poison, why: "Why") -> None:
        """Return once it is written; raises `Unavailable` if that can't be done now: then wait, nothing is lost."""
        kind = type(why.error).__name__ if why.error else Undecodable.__name__
        told = {
            **_whereabouts(about.origin),
            "dlq-consumer": self._service,
            "dlq-reason": why.reason,
            "dlq-error-class": kind,
            "dlq-error-hash": fingerprint(kind, why),
            "dlq-attempts": str(why.attempts),
            "dlq-first-failed-at": (why.first_failed_at or self._clock.now()).isoformat(),
            "dlq-app-version": version("needlepoint"),
        }
        try:
            await self._producer.send([self._record(about, told)])
        except (KafkaError, OSError, TimeoutError) as error:
            raise Unavailable(consumer=self._service) from error
        telemetry.DEAD_LETTERS.labels(self._service, kind).inc()

    async def close(self) -> None:
        await self._producer.close()

    def _record(self, about: Message | Poison, told: dict[str, str]) -> Record:
        key, value, headers = _content(about)
        if value is not None and len(value) > VALUE_BYTES_MAX:
            told["dlq-value-bytes"], value = str(len(value)), None
        return Record(self.topic, key, value, [*headers, *((name, said.encode()) for name, said in told.items())])


def _content(about: Message | Poison) -> tuple[bytes | None, bytes | None, Headers]:
    if isinstance(about, Poison):
        return about.key, about.value, about.headers
    record = encode(about)
    return record.key, record.value, record.headers


def _whereabouts(origin: Origin | None) -> dict[str, str]:
    if origin is None:
        return {}
    return {
        "dlq-original-topic": origin.topic,
        "dlq-original-partition": str(origin.partition),
        "dlq-original-offset": str(origin.offset),
    }


def fingerprint(kind: str, why: "Why") -> str:
    """The same for errors of one class from one place in the code, whatever they say."""
    frames = traceback.extract_tb(why.error.__traceback__) if why.error else ()
    places = [f"{frame.name}:{frame.lineno}" for frame in frames]
    return sha256("|".join((kind, why.reason, *places)).encode()).hexdigest()[:16]
