"""x"""

from collections.abc import Callable

Advance = Callable[[int, int], None]


async def load(services, *, seed, now, advance): ...
