"""Live pages: facts from the bus become hints, and a browser that gets one looks again under its own session.

A hint holds ids only. Nothing is promised: whoever is too slow, or was away, is told `again` and loads anew. A page
carries the mark of the moment it was made for, so that nothing is missed between page and stream either.
"""

import asyncio
import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID, uuid4

from chassis.message import Message

WAITING_MAX = 64
REMEMBERED_MAX = 20_000
HEARTBEAT = b": still here\n\n"
AGAIN = b"event: again\ndata: {}\n\n"
RETRY = b"retry: 2000\n\n"

_Queue = asyncio.Queue[bytes]


class Live:
    """Who looks at which location, and what they are told."""

    def __init__(self, *, heartbeat_seconds: float = 15.0) -> None:
        self._heartbeat_seconds = heartbeat_seconds
        self._queues: defaultdict[UUID, set[_Queue]] = defaultdict(set)
        self._places: OrderedDict[str, UUID] = OrderedDict()
        self._closed = asyncio.Event()
        self._name = uuid4().hex[:8]
        self._heard: Counter[UUID] = Counter()

    def hear(self, messages: Sequence[Message]) -> None:
        """Pass facts on to the pages they concern; called in the event loop, never blocks."""
        touched: set[UUID] = set()
        for message in messages:
            place = self._place_of(message)
            if place is not None:
                self._heard[place] += 1
            if place is not None and self._queues.get(place):
                touched.add(place)
                self._tell(place, _hint(message))
        for place in touched:
            self._tell(place, b"event: kpis\ndata: {}\n\n")

    def mark(self, place: UUID) -> str:
        """What has been heard so far, by this process; taken before a page asks for what it shows."""
        return f"{self._name}.{self._heard[place]}"

    async def stream(
        self, place: UUID, *, since: str | None = None, goes_on: Callable[[], bool] = lambda: True
    ) -> AsyncGenerator[bytes, None]:
        """What one browser is sent, until it goes or the front end stops; `since` is the mark of its page.

        It also ends when it no longer `goes_on`, which is asked before each hint and at each heartbeat.
        """
        with self._listening(place) as queue:
            has_missed = since != self.mark(place)
            yield RETRY
            if has_missed:
                yield AGAIN
            while not self._closed.is_set():
                hint = await self._next(queue)
                if not goes_on():
                    return
                yield hint

    def close(self) -> None:
        """Let every browser go; they come back by themselves."""
        self._closed.set()
        for queues in self._queues.values():
            for queue in queues:
                _put(queue, AGAIN)

    async def _next(self, queue: _Queue) -> bytes:
        try:
            return await asyncio.wait_for(queue.get(), self._heartbeat_seconds)
        except TimeoutError:
            return HEARTBEAT

    @contextmanager
    def _listening(self, place: UUID) -> Iterator[_Queue]:
        queue: _Queue = asyncio.Queue(WAITING_MAX)
        self._queues[place].add(queue)
        try:
            yield queue
        finally:
            self._queues[place].discard(queue)
            if not self._queues[place]:
                del self._queues[place]

    def _tell(self, place: UUID, hint: bytes) -> None:
        for queue in self._queues.get(place, ()):
            _put(queue, hint)

    def _place_of(self, message: Message) -> UUID | None:
        """The location of a fact; a fact that names only an appointment happened where that appointment is."""
        appointment = message.body.get("appointment_id")
        told = message.body.get("location_id") or message.body.get("performed_at")
        if told is None:
            return self._places.get(str(appointment))
        place = UUID(str(told))
        if appointment is not None:
            self._places[str(appointment)] = place
            self._places.move_to_end(str(appointment))
            if len(self._places) > REMEMBERED_MAX:
                self._places.popitem(last=False)
        return place


def _hint(message: Message) -> bytes:
    envelope = message.envelope
    told = {
        "appointment_id": message.body.get("appointment_id"),
        "version": envelope.aggregateversion,
        "type": envelope.type,
    }
    kind = "visit" if envelope.aggregate == "appointment" else "followed"
    return f"event: {kind}\ndata: {json.dumps(told)}\n\n".encode()


def _put(queue: _Queue, hint: bytes) -> None:
    """A full queue means a browser that reads too slowly: it loads everything again instead."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        hint = AGAIN
    queue.put_nowait(hint)
