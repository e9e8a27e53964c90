"""Waiting for a condition, never for a time."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

Seen = TypeVar("Seen")

PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.05


async def eventually(look: Callable[[], Awaitable[Seen | None]], *, patience: float = PATIENCE_SECONDS) -> Seen:
    """The first answer of `look` that is neither None nor False; fails, with the last answer, when none comes."""
    deadline = time.monotonic() + patience
    while True:
        seen = await look()
        if seen is not None and seen is not False:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"{look.__qualname__} did not become true within {patience:.0f} s")
        await asyncio.sleep(_POLL_SECONDS)


def soon(look: Callable[[], object], *, patience: float = PATIENCE_SECONDS) -> None:
    """The same for what is asked without waiting; a connection that is refused is a no."""
    deadline = time.monotonic() + patience
    while True:
        with contextlib.suppress(OSError, httpx.TransportError):
            if look():
                return
        assert time.monotonic() < deadline, f"{look.__qualname__} did not become true within {patience:.0f} s"
        time.sleep(_POLL_SECONDS)
