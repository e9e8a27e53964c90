"""A record that is no fact we can read: kept as it came, under an id of its own."""

import re
from base64 import b64decode, b64encode
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self
from uuid import NAMESPACE_URL, UUID, uuid5

from chassis.bus.wire import Headers, Received, Undecodable, attributes_of, decode
from chassis.message import Message, Origin

UNKNOWN_TYPE = "unknown type"
_TYPE = re.compile(r"[a-z]{1,40}\.[a-z-]{1,60}")


@dataclass(frozen=True, slots=True)
class Poison:
    """Has what `Received` has, so that it can be read again once somebody has mended the reader."""

    origin: Origin
    key: bytes | None
    value: bytes | None
    headers: Headers
    reason: str

    @property
    def topic(self) -> str:
        return self.origin.topic

    @property
    def partition(self) -> int:
        return self.origin.partition

    @property
    def offset(self) -> int:
        return self.origin.offset

    @property
    def id(self) -> UUID:
        """Made of place and content: the same record gets the same id whenever it is delivered.

        Not the id it claims to have: a sound copy of that fact may still come.
        """
        content = sha256(self.value or b"").hexdigest()
        return uuid5(NAMESPACE_URL, f"{self.topic}/{self.partition}/{self.offset}/{content}")

    @property
    def thing(self) -> UUID:
        """The id of what it is about, whose later facts wait behind it; its own id where nothing needs to wait."""
        if self.reason == UNKNOWN_TYPE:  # told by a newer release; what we know of the thing goes on without it
            return self.id
        try:
            return UUID(attributes_of(self.headers)["aggregateid"])
        except (Undecodable, LookupError, ValueError):
            return self.id

    @property
    def type(self) -> str:
        """What it says it is, if that looks like a type of fact."""
        try:
            told = attributes_of(self.headers).get("type", "")
        except Undecodable:
            told = ""
        return told if _TYPE.fullmatch(told) else "unknown"

    def to_json(self) -> dict[str, Any]:
        """For a column of a table; bytes stay bytes."""
        return {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "key": _text(self.key),
            "value": _text(self.value),
            "headers": [[_text(name.encode()), _text(value)] for name, value in self.headers],
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        origin = Origin(kept["topic"], kept["partition"], kept["offset"])
        headers = tuple((b64decode(name).decode(), _bytes(value)) for name, value in kept["headers"])
        return cls(origin, _bytes(kept["key"]), _bytes(kept["value"]), headers, kept["reason"])


def read(record: Received, *, known: Collection[str]) -> Message | Poison:
    """The message in a record, or the record itself with the reason why there is none."""
    try:
        message = decode(record)
        if message.type not in known:
            raise Undecodable(UNKNOWN_TYPE)
    except Undecodable as error:
        origin = Origin(record.topic, record.partition, record.offset)
        return Poison(origin, record.key, record.value, tuple(record.headers), error.reason)
    return message


def _text(given: bytes | None) -> str | None:
    return None if given is None else b64encode(given).decode()


def _bytes(kept: str | None) -> bytes | None:
    return None if kept is None else b64decode(kept)
