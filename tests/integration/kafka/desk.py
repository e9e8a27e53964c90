"""The marks service over Kafka: makes marks, relays them, and tells what was heard."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from prometheus_client import REGISTRY
from sqlalchemy import func, select

from chassis.bus import Carrier
from chassis.clock import new_id
from chassis.db import Tx
from chassis.inbox import Consumer, Handler
from chassis.message import Message
from chassis.outbox import OUTBOX, emit
from chassis.parked import ParkedMessage, waiting
from chassis.relay import Relay
from tests.support import marks
from tests.support.bus import Bus
from tests.support.house import NOON, House


class Desk:
    def __init__(self, house: House, bus: Bus) -> None:
        self.house = house
        self.bus = bus
        self.running = house.running["marks"]
        self.db = self.running.context.db
        self._carrier = bus.carrier()

    def consumer(self, handler: Handler = marks.on_mark_made) -> Consumer:
        """One replica's ear; all of them share the database."""
        return Consumer(self.db, {marks.MarkMade: handler}, name="marks")

    def running_with(self, handler: Handler) -> Consumer:
        """The ear that the service's own API replays into."""
        self.running.consumer.handlers[marks.MarkMade.type] = (marks.MarkMade, handler)
        return self.running.consumer

    async def make(self, *texts: str) -> UUID:
        """A mark that was made with the first of these texts, and made anew with each of the others."""
        mark_id = new_id()
        async with self.db.transaction() as tx:
            for version, text in enumerate(texts, start=1):
                emit(tx, marks.MarkMade(mark_id=mark_id, version=version, at=NOON, text=text))
        return mark_id

    async def relay(self, carrier: Carrier | None = None) -> int:
        """Send what the outbox holds; returns how many facts that were."""
        return await Relay(self.db, carrier or self._carrier).drain()

    async def tell(self, *texts: str) -> UUID:
        """Make a mark and send its facts."""
        mark_id = await self.make(*texts)
        await self.relay()
        return mark_id

    async def a_record(self, text: str, **changed: bytes | None) -> dict[str, Any]:
        """A sound record of a new mark, not sent yet, with some headers changed or (None) left out."""
        kept = Keeping()
        await self.make(text)
        await self.relay(kept)
        (message,) = kept.messages
        headers = {f"ce_{name}": str(value).encode() for name, value in message.attributes.items()} | changed
        return {
            "key": str(message.key).encode(),
            "value": message.data,
            "headers": [each for each in headers.items() if each[1] is not None],
        }

    @staticmethod
    async def note(tx: Tx, fact: marks.MarkMade) -> None:
        """The effect of `marks.on_mark_made`, whatever the text."""
        tx.add(marks.Heard(id=new_id(), mark_id=fact.mark_id, text=fact.text))

    async def heard(self) -> list[str]:
        """The texts that took effect, in the order in which they did."""
        async with self.db.reading() as tx:
            return list((await tx.scalars(select(marks.Heard.text).order_by(marks.Heard.id))).all())

    def has_heard(self, *texts: str) -> Callable[[], Awaitable[bool]]:
        """To wait for: exactly these, in any order."""

        async def has_heard() -> bool:
            return sorted(await self.heard()) == sorted(texts)

        return has_heard

    async def told_next(self) -> list[Message]:
        """What waits in the outbox, taken out of it."""
        kept = Keeping()
        await self.relay(kept)
        return kept.messages

    async def parked(self) -> list[ParkedMessage]:
        async with self.db.reading() as tx:
            return await waiting(tx)

    async def unpublished(self) -> int:
        async with self.db.reading() as tx:
            waits = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.published_at.is_(None))
            return await tx.scalar(waits) or 0


class Keeping:
    """A carrier that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def publish(self, messages: Sequence[Message]) -> None:
        self.messages.extend(messages)


def metric(name: str, **labels: str) -> float:
    """What Prometheus would read now."""
    return REGISTRY.get_sample_value(name, labels) or 0.0
