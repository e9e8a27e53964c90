"""Where time and ids come from; everything else receives them as arguments."""

from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from uuid_utils.compat import uuid7


class Clock(Protocol):
    """Tells the present instant in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is moved: for tests and for building a past."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by

    def set(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): ids made later sort later, so indexes grow at one end."""
    return uuid7()


def first_id_at(at: datetime) -> UUID:
    """Below every id that was made at this instant or later, and above all that were made before."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
