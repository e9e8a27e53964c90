"""A row of the benchmark, and what it is given to measure with."""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from bench.finding import Finding, Pair

Much = TypeVar("Much", int, float)
Round = Callable[[], Awaitable[float]]
"""Measures once and returns the figure."""


class Size(IntEnum):
    """How much is done to find a figure."""

    SMALLEST = 0
    """Shows that it works: for the test of the row itself."""
    QUICK = 1
    """Also shows roughly how fast; nothing is kept of it."""
    WHOLE = 2


@dataclass(frozen=True, slots=True)
class Bench:
    """What a row measures with."""

    size: Size
    folder: Path
    """Empty, of this row alone, gone afterwards."""
    tell: Callable[[str], None]
    """Says on the terminal what is being done."""
    stack: AsyncExitStack
    """Closes at the end of the row what was opened for it."""

    @property
    def rounds(self) -> int:
        return self.sized(1, 2, 5)

    @property
    def round_seconds(self) -> float:
        """How long a round of something that could go on for ever lasts."""
        return self.sized(0.2, 1.0, 3.0)

    def sized(self, smallest: Much, quick: Much, whole: Much) -> Much:
        """How much of something there is to be."""
        return (smallest, quick, whole)[self.size]

    async def in_turn(self, ours: Round, floor: Round) -> Pair:
        """Both, round by round, so that whatever else the machine does disturbs both alike; each begins every other."""
        found: dict[Round, list[float]] = {ours: [], floor: []}
        for number in range(self.rounds):
            for side in (ours, floor) if number % 2 == 0 else (floor, ours):
                self.tell(f"round {number + 1} of {self.rounds}: {'ours' if side is ours else 'the floor'}")
                found[side].append(await side())
        return Pair(tuple(found[ours]), tuple(found[floor]))


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    """By which it is chosen on the command line."""
    measure: Callable[[Bench], Awaitable[Sequence[Finding]]]


async def measure(row: Row, size: Size, *, tell: Callable[[str], None]) -> Sequence[Finding]:
    """What a row finds; whatever it needed is gone afterwards."""
    with TemporaryDirectory(prefix="needlepoint-bench-") as folder:
        async with AsyncExitStack() as stack:
            return await row.measure(Bench(size, Path(folder), tell, stack))


def percentile(values: Sequence[float], per_cent: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * per_cent / 100))]


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """How many milliseconds it takes."""
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1000
