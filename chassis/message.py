"""A fact as it lies on the bus: envelope and body, each decoded when somebody looks, and only once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from pydantic_core import from_json

from contracts.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Origin:
    """Where on the bus something was found."""

    topic: str
    partition: int
    offset: int


class Message:
    """What a carrier hands to a consumer; the body is understood by whoever knows the fact's type.

    A relay passes facts on as the text that the outbox holds: nothing is parsed that nobody reads.
    """

    __slots__ = ("_attributes", "_body", "_data", "_envelope", "origin")

    def __init__(
        self, envelope: Envelope, body: dict[str, Any], *, data: bytes | None = None, origin: Origin | None = None
    ) -> None:
        self._envelope: Envelope | None = envelope
        self._attributes: Mapping[str, Any] | None = None
        self._body: dict[str, Any] | None = body
        self._data = data
        self.origin = origin

    @classmethod
    def undecoded(cls, attributes: Mapping[str, Any], data: bytes) -> Self:
        """From the attributes of its envelope and the JSON text of its body."""
        message = cls.__new__(cls)
        message._envelope, message._attributes = None, attributes
        message._body, message._data = None, data
        message.origin = None
        return message

    @property
    def envelope(self) -> Envelope:
        if self._envelope is None:
            self._envelope = Envelope.model_validate(self._attributes)
        return self._envelope

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The envelope as plain values; what is not set is left out."""
        if self._attributes is None:
            self._attributes = self.envelope.model_dump(mode="json", exclude_none=True)
        return self._attributes

    @property
    def body(self) -> dict[str, Any]:
        if self._body is None:
            decoded: dict[str, Any] = from_json(self.data)
            self._body = decoded
        return self._body

    @property
    def data(self) -> bytes:
        """The body as JSON text."""
        if self._data is None:
            self._data = json.dumps(self._body, ensure_ascii=False, separators=(",", ":")).encode()
        return self._data

    @property
    def id(self) -> UUID:
        return self.envelope.id

    @property
    def key(self) -> UUID:
        """Messages with the same key stay in order."""
        return self.envelope.aggregateid

    @property
    def type(self) -> str:
        """The fact's type, known without decoding anything."""
        told: str = self.attributes["type"] if self._envelope is None else self._envelope.type
        return told

    def __repr__(self) -> str:
        return f"<Message {self.type} {self.attributes['id']}>"
