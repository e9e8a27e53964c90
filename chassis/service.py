"""The manifest of a service: everything it consists of, on one page of its `app.py`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter

from chassis.context import Context
from chassis.inbox import Subscriptions
from chassis.settings import ServiceSettings
from chassis.timers import Timer


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    title: str
    settings: ServiceSettings
    migrations: Path
    routers: Sequence[APIRouter] = ()
    subscriptions: Subscriptions = field(default_factory=dict)
    timers: Sequence[Timer] = ()
    before_work: Sequence[Callable[[Context], Awaitable[None]]] = ()
    """Done by every process of the service when it starts; has to be safe to do again, and side by side."""
    measures: Sequence[Callable[[Context], Awaitable[None]]] = ()
    """Bring gauges of the service's own up to date; called before each answer of `/metrics`."""
