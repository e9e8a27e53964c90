"""Health that tells the truth: what runs says that it still runs, and `/ready` believes nothing else."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

STUCK_SECONDS = 60.0
"""I22: what has not beaten for this long, beyond its rest, is stuck."""
FAILS_SECONDS = 10.0
"""What fails again this long after it failed first is told; a hiccup is not."""


@dataclass
class Pulse:
    """The heartbeat of one loop; monotonic, so that a clock that jumps does not kill anybody."""

    name: str
    rests_seconds: float = 0.0
    """How long the loop lies still between two beats while all is well."""
    monotonic: Callable[[], float] = time.monotonic
    last_beat: float = field(init=False)
    last_error: str | None = field(default=None, init=False)
    fails: tuple[float, float] | None = field(default=None, init=False)
    """When it failed first since the last beat, and when last."""

    def __post_init__(self) -> None:
        self.last_beat = self.monotonic()

    def beat(self) -> None:
        self.last_beat = self.monotonic()
        self.last_error = None
        self.fails = None

    def failed(self, error: BaseException) -> None:
        """The loop lives but its work does not get done; told once this has lasted."""
        now = self.monotonic()
        self.last_error = type(error).__name__
        self.fails = (self.fails[0] if self.fails else now, now)

    def waits(self) -> None:
        """Not well before the first beat."""
        self.fails = (float("-inf"), self.monotonic())

    @property
    def is_stuck(self) -> bool:
        """Nothing is heard of it, or nothing but failures."""
        fails = self.fails is not None and self.fails[1] - self.fails[0] > FAILS_SECONDS
        return fails or self.monotonic() - self.last_beat > self.rests_seconds + STUCK_SECONDS
