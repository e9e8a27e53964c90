"""Which partitions wait before they are tried again, and for how long."""

import random
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from aiokafka.structs import TopicPartition

FIRST_SECONDS = 0.2
SECONDS_MAX = 30.0


@dataclass(slots=True)
class Wait:
    attempts: int = 0
    until: float = 0.0


@dataclass
class Retries:
    """Full jitter between nothing and twice as long as the last time, so that those who failed together part."""

    monotonic: Callable[[], float] = time.monotonic
    jitter: Callable[[float, float], float] = random.uniform
    _waits: dict[TopicPartition, Wait] = field(default_factory=dict)

    def __contains__(self, place: object) -> bool:
        """Whether its last try failed."""
        return place in self._waits

    def failed(self, place: TopicPartition) -> int:
        """Wait longer than before; returns how often it failed by now."""
        wait = self._waits.setdefault(place, Wait())
        wait.attempts += 1
        longest = min(SECONDS_MAX, FIRST_SECONDS * 2**wait.attempts)
        wait.until = self.monotonic() + self.jitter(0, longest)
        return wait.attempts

    def succeeded(self, place: TopicPartition) -> None:
        self._waits.pop(place, None)

    def keep(self, places: Collection[TopicPartition]) -> None:
        """Forget all others: they are somebody else's now."""
        self._waits = {place: wait for place, wait in self._waits.items() if place in places}

    def due(self) -> Iterator[TopicPartition]:
        now = self.monotonic()
        return (place for place, wait in self._waits.items() if wait.until <= now)

    def waiting(self) -> list[TopicPartition]:
        now = self.monotonic()
        return [place for place, wait in self._waits.items() if wait.until > now]

    def seconds_until_next(self, at_most: float) -> float:
        now = self.monotonic()
        return min([at_most, *(wait.until - now for wait in self._waits.values() if wait.until > now)])
