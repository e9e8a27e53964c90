"""The manifest of a service: everything it consists of, on one page of its `app.py`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter

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
