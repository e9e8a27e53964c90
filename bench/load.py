"""Clients that do one thing again and again, side by side, and how often they get it done."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

Act = Callable[[], Awaitable[object]]


async def rate(clients: Sequence[Act], *, seconds: float) -> float:
    """How often a second they do it together; each begins anew as soon as it is done."""
    begun = time.perf_counter()
    counts = await asyncio.gather(*(_repeat(act, until=begun + seconds) for act in clients))
    return sum(counts) / (time.perf_counter() - begun)


async def _repeat(act: Act, *, until: float) -> int:
    count = 0
    while time.perf_counter() < until:
        await act()
        count += 1
    return count
