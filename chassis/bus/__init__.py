"""The two carriers of facts behind one small interface; each delivers at least once, the inbox makes it once."""

from collections.abc import Sequence
from typing import Protocol

from chassis.message import Message


class Unsendable(Exception):
    """A fact that no bus will ever take; the others of its batch may go without it."""

    def __init__(self, message: Message, reason: str) -> None:
        super().__init__(reason)
        self.message = message
        self.reason = reason


class Carrier(Protocol):
    """Takes facts from a relay to every consumer that listens."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return once every message is safe with the bus; raise otherwise, and the relay sends them again."""
        ...
