"""A fact as it lies on the bus: envelope and undecoded body."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Message:
    """What a carrier hands to a consumer; the body is decoded by whoever knows the fact's type."""

    envelope: Envelope
    body: dict[str, Any]

    @property
    def id(self) -> UUID:
        return self.envelope.id

    @property
    def key(self) -> UUID:
        """Messages with the same key stay in order."""
        return self.envelope.aggregateid
