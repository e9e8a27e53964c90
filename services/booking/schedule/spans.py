"""Half-open stretches of time, `[starts, ends)`: back to back is not an overlap (BK-04)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, floor
from typing import NamedTuple, Self


class Span(NamedTuple):
    starts: datetime
    ends: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.starts < other.ends and other.starts < self.ends

    def covers(self, other: "Span") -> bool:
        return self.starts <= other.starts and other.ends <= self.ends


@dataclass(frozen=True, slots=True)
class Stretches:
    """Many spans as two rows of seconds since 1970, rounded outwards: a look at two weeks reads a thousand of them."""

    starts: Sequence[int] = ()
    ends: Sequence[int] = ()

    @classmethod
    def of(cls, spans: Sequence[Span]) -> Self:
        """The same time."""
        starts = [floor(each.starts.timestamp()) for each in spans]
        return cls(starts, [ceil(each.ends.timestamp()) for each in spans])

    def spans(self) -> list[Span]:
        """One by one."""
        return [
            Span(datetime.fromtimestamp(starts, UTC), datetime.fromtimestamp(ends, UTC))
            for starts, ends in zip(self.starts, self.ends, strict=True)
        ]


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few stretches as possible, in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.starts <= merged[-1].ends:
            merged[-1] = Span(merged[-1].starts, max(merged[-1].ends, span.ends))
        elif span.starts < span.ends:
            merged.append(span)
    return merged


def without(spans: Iterable[Span], gone: Iterable[Span]) -> list[Span]:
    """What is left of `spans` when `gone` is taken out."""
    left = union(spans)
    for hole in union(gone):
        left = [part for span in left for part in _cut(span, hole)]
    return left


def _cut(span: Span, hole: Span) -> list[Span]:
    if not span.overlaps(hole):
        return [span]
    parts = (Span(span.starts, hole.starts), Span(hole.ends, span.ends))
    return [part for part in parts if part.starts < part.ends]
