"""Half-open stretches of time, `[starts, ends)`: back to back is not an overlap (BK-04)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Span:
    starts: datetime
    ends: datetime

    def overlaps(self, other: "Span") -> bool:
        return self.starts < other.ends and other.starts < self.ends

    def covers(self, other: "Span") -> bool:
        return self.starts <= other.starts and other.ends <= self.ends


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
