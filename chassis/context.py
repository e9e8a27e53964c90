"""What a running service has at hand: its database, clock, settings, verification keys and peers."""

from dataclasses import dataclass

from chassis.clock import Clock
from chassis.db import Database
from chassis.peers import Peers
from chassis.settings import ServiceSettings
from chassis.tokens import KeyRing


@dataclass(frozen=True, slots=True)
class Context:
    service: str
    settings: ServiceSettings
    clock: Clock
    db: Database
    peers: Peers
    keys: KeyRing
