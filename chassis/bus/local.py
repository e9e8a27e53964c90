"""The in-process carrier of the embedded mode: straight from the outbox into every consumer.

It keeps nothing: a message counts as delivered when each consumer has committed it, so a fact that was not
delivered is simply still in the outbox. Onlookers hear each fact as well, without any promise (live pages).
"""

import asyncio
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from chassis.bus import Unsendable
from chassis.inbox import Consumer
from chassis.message import Message

Onlooker = Callable[[Sequence[Message]], None]


class LocalCarrier:
    def __init__(self) -> None:
        self.consumers: list[Consumer] = []
        self.onlookers: list[Onlooker] = []

    def subscribe(self, consumer: Consumer) -> None:
        self.consumers.append(consumer)

    def look_on(self, onlooker: Onlooker) -> None:
        """Hear facts after every consumer has taken them; called in the event loop, must not block."""
        self.onlookers.append(onlooker)

    async def publish(self, messages: Sequence[Message]) -> None:
        """Deliver to all consumers side by side; raises if one of them can't take it now."""
        for message in messages:
            _must_say_what_it_is(message)
        results = await asyncio.gather(
            *(consumer.handle(messages) for consumer in self.consumers), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        for onlooker in self.onlookers:
            onlooker(messages)


def _must_say_what_it_is(message: Message) -> None:
    try:
        message.envelope  # noqa: B018 - read here once for all consumers
    except ValidationError:
        raise Unsendable(message, "its envelope does not say what it is") from None
