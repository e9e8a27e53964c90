"""How a message leaves the house. A channel is a foreign system: it may refuse, be away, or leave us in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to go; the address lives only here, on its way."""

    message_id: UUID
    address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    event: "Event | None" = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """A visit for the patient's own calendar: when and where, never what (NT-39)."""

    appointment_id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    place: str
    is_cancelled: bool


class Outcome(StrEnum):
    TAKEN = "taken"
    REFUSED = "refused"
    """For good: trying again would not help."""
    NOT_NOW = "not_now"
    """Certainly not taken; trying again is safe."""
    UNKNOWN = "unknown"
    """Contact was lost at a moment when it may have been taken (NT-17)."""


class Sender(Protocol):
    at_once: int
    """Messages that are under way together: as many are in doubt after a crash."""

    async def deliver(self, letters: Sequence[Letter]) -> list[Outcome]:
        """One outcome a letter, in order; never raises for a letter."""
        ...
