"""Puts facts in an order in which every cause stands before what it led to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import pairwise
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Step:
    """What the order of a fact depends on."""

    message_id: UUID
    causation_id: UUID | None
    aggregate: tuple[str, UUID]
    version: int
    at: datetime
    position: int

    @property
    def told(self) -> tuple[datetime, int]:
        return self.at, self.position


def in_causal_order(steps: Iterable[Step]) -> Iterator[Step]:
    """Causes before effects and a thing's own facts in their order; otherwise by time, then as they were heard."""
    by_id = {step.message_id: step for step in steps}
    after: dict[UUID, list[Step]] = defaultdict(list)
    waits_for: dict[UUID, int] = defaultdict(int)
    for before, step in _edges(list(by_id.values())):
        after[before].append(step)
        waits_for[step.message_id] += 1
    ready = [(step.told, step.message_id) for step in by_id.values() if not waits_for[step.message_id]]
    heapify(ready)
    while ready:
        _, done = heappop(ready)
        yield by_id[done]
        for step in after[done]:
            waits_for[step.message_id] -= 1
            if not waits_for[step.message_id]:
                heappush(ready, (step.told, step.message_id))


def _edges(steps: Sequence[Step]) -> Iterator[tuple[UUID, Step]]:
    present = {step.message_id for step in steps}
    things: dict[tuple[str, UUID], list[Step]] = defaultdict(list)
    for step in steps:
        things[step.aggregate].append(step)
        if step.causation_id in present and step.causation_id is not None:
            yield step.causation_id, step
    for facts in things.values():
        facts.sort(key=lambda step: step.version)
        yield from ((before.message_id, step) for before, step in pairwise(facts))
