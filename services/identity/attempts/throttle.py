"""How long somebody waits after too many failed sign-ins: a sliding window, never a lock."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """How many sign-ins may fail within the window."""

    window: timedelta
    per_account_at_address: int
    per_account: int
    per_address: int


def wait_seconds(failed_at: Sequence[datetime], *, limit: int, window: timedelta, at: datetime) -> int:
    """Seconds until one more try is allowed; 0 when it is allowed now."""
    recent = sorted((each for each in failed_at if each > at - window), reverse=True)
    if len(recent) < limit:
        return 0
    frees_a_try = recent[limit - 1]
    return max(1, math.ceil((frees_a_try + window - at).total_seconds()))
