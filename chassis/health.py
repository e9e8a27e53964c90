"""Health that tells the truth: what runs says that it still runs, and `/ready` believes nothing else."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

STUCK_SECONDS = 60.0
"""I22: what has not beaten for this long, beyond its rest, is stuck."""


@dataclass
class Pulse:
    """The heartbeat of one loop; monotonic, so that a clock that jumps does not kill anybody."""

    name: str
    rests_seconds: float = 0.0
    """How long the loop lies still between two beats while all is well."""
    monotonic: Callable[[], float] = time.monotonic
    last_beat: float = field(init=False)
    last_error: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.last_beat = self.monotonic()

    def beat(self) -> None:
        self.last_beat = self.monotonic()
        self.last_error = None

    def failed(self, error: BaseException) -> None:
        """The loop lives but its work does not get done: no beat, so it turns stuck if this lasts."""
        self.last_error = type(error).__name__

    @property
    def is_stuck(self) -> bool:
        return self.monotonic() - self.last_beat > self.rests_seconds + STUCK_SECONDS
