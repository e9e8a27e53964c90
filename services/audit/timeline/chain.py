"""The chain of hashes: each row vouches for the one before it (CP-04)."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID


class Sealed(Protocol):
    """A row by the names of its columns."""

    def __getitem__(self, name: str, /) -> Any: ...


BEGINNING = bytes(32)
"""What stands before the first row."""
SEALED = (
    "position",
    "message_id",
    "type",
    "aggregate",
    "aggregate_id",
    "version",
    "at",
    "recorded_at",
    "correlation_id",
    "causation_id",
    "actor",
    "details",
)
"""The columns a hash covers; the others are copies out of `details`, there to be searched."""


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"a record holds no {type(value).__name__}")


_FIXED = json.JSONEncoder(default=_plain, sort_keys=True, separators=(",", ":"))
"""One text for one content."""


def seal(row: Sealed, previous: bytes) -> bytes:
    """SHA-256 over the hash before and this row in one fixed form."""
    content = _FIXED.encode([row[name] for name in SEALED])
    return hashlib.sha256(previous + content.encode()).digest()


@dataclass(frozen=True, slots=True)
class Link:
    """Where a stretch of the chain ends."""

    position: int
    hash: bytes


def first_break(rows: Iterable[Sealed], start: Link) -> tuple[Link, int | None]:
    """Check rows in order: the last good link, and the position that is missing or does not fit."""
    last = start
    for row in rows:
        fits = row["position"] == last.position + 1 and row["previous_hash"] == last.hash
        if not fits or seal(row, last.hash) != row["hash"]:
            return last, last.position + 1
        last = Link(row["position"], row["hash"])
    return last, None
