"""What follows from what: correlation, causation and actor, bound at a door and carried to the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from uuid import UUID

from structlog.typing import EventDict, WrappedLogger

from chassis.clock import new_id


@dataclass(frozen=True, slots=True)
class Trail:
    """One request, clock tick or fact, seen from everything it leads to."""

    correlation_id: UUID
    causation_id: UUID | None = None
    """The fact being handled; None at an HTTP or clock door."""
    actor: str | None = None


_current: ContextVar[Trail | None] = ContextVar("trail", default=None)


def current() -> Trail:
    """The trail of the door we came in by; a new one when there was none."""
    return _current.get() or Trail(correlation_id=new_id())


@contextmanager
def following(trail: Trail) -> Iterator[Trail]:
    """Bind a trail, for the outbox and for every log line, as long as the block lasts."""
    token = _current.set(trail)
    try:
        yield trail
    finally:
        _current.reset(token)


def act_as(actor: str) -> None:
    """Say who the rest of this request acts for; known only after the token was read."""
    _current.set(replace(current(), actor=actor))


def in_the_line(_: WrappedLogger, __: str, event_dict: EventDict) -> EventDict:
    """Put the present trail into a log line: read when a line is written, which is rarer than a fact is handled."""
    if trail := _current.get():
        found = {"correlation_id": trail.correlation_id, "causation_id": trail.causation_id, "actor": trail.actor}
        return {name: str(value) for name, value in found.items() if value is not None} | dict(event_dict)
    return event_dict
