"""What a running service has at hand: its database, clock, settings, verification keys and peers."""

from dataclasses import dataclass
from typing import TypeVar

from chassis.clock import Clock
from chassis.db import Database
from chassis.peers import Peers
from chassis.settings import ServiceSettings
from chassis.tokens import KeyRing

Own = TypeVar("Own", bound=ServiceSettings)


@dataclass(frozen=True, slots=True)
class Context:
    service: str
    settings: ServiceSettings
    clock: Clock
    db: Database
    peers: Peers
    keys: KeyRing

    def settings_as(self, kind: type[Own]) -> Own:
        """The settings, as the kind that this service was built with."""
        if not isinstance(self.settings, kind):
            raise TypeError(f"{self.service} was not built with {kind.__name__}")
        return self.settings
