"""A message as a Kafka record and back: CloudEvents 1.0 in Kafka's binary mode.

Every attribute of the envelope is a header `ce_…`, the body is JSON, the key is the id of the thing the fact is about.
What can't be read is no reason to stop: it is told apart as `Undecodable`, with what is wrong but without a value.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from pydantic import ValidationError
from pydantic_core import from_json

from chassis.message import Message, Origin
from contracts.envelope import Envelope

CONTENT_TYPE = "application/json"
BODY_BYTES_MAX = 1_000_000
"""Facts have some hundred bytes; what is larger than this was not made by us and is not worth the memory."""

Headers = Sequence[tuple[str, bytes | None]]

_NAMES = {name: f"ce_{name}" for name in Envelope.model_fields if name != "datacontenttype"}


class Record(NamedTuple):
    """What is sent: the same four things for facts and for dead letters."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class Received(Protocol):
    """What we read of a record that came from Kafka."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


class Undecodable(Exception):
    """A record that is no fact of ours. `reason` says what is wrong with it, without any value it carried."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def encode(message: Message, *, prefix: str = "") -> Record:
    """The record of a message, for the topic of the service that told it."""
    attributes = message.attributes
    headers = [(_NAMES[name], str(value).encode()) for name, value in attributes.items() if name in _NAMES]
    headers.append(("content-type", CONTENT_TYPE.encode()))
    topic = prefix + attributes["type"].partition(".")[0]
    return Record(topic, attributes["aggregateid"].encode(), message.data, headers)


def decode(record: Received) -> Message:
    """The message in a record; raises `Undecodable`."""
    body = _body(record.value)
    envelope = _envelope(record.headers)
    if not record.topic.endswith(envelope.topic):  # before it stands what brokers were told to prefix
        raise Undecodable("a fact of another service than its topic's")
    return Message(envelope, body, data=record.value, origin=Origin(record.topic, record.partition, record.offset))


def attributes_of(headers: Headers) -> dict[str, str]:
    """The attributes that can be read, by their names in the envelope; raises `Undecodable` if one is no text."""
    try:
        return {name[3:]: value.decode() for name, value in headers if name.startswith("ce_") and value is not None}
    except UnicodeDecodeError:
        raise Undecodable("a header is not UTF-8") from None


def _envelope(headers: Headers) -> Envelope:
    attributes = attributes_of(headers)
    if attributes.get("specversion") != "1.0":
        raise Undecodable("not a CloudEvent 1.0")
    try:
        return Envelope.model_validate(attributes)
    except ValidationError as error:
        wrong = (f"ce_{each['loc'][0]}: {each['type']}" for each in error.errors(include_input=False))
        raise Undecodable(f"headers are wrong ({', '.join(wrong)})") from None


def _body(value: bytes | None) -> dict[str, Any]:
    if value is None:
        raise Undecodable("no body")
    if len(value) > BODY_BYTES_MAX:
        raise Undecodable("too large")
    if b"\\u0000" in value:
        raise Undecodable("a zero byte in a text, which no database takes")
    try:
        body = from_json(value, allow_inf_nan=False)
    except ValueError:
        raise Undecodable("not JSON") from None
    if not isinstance(body, dict):
        raise Undecodable("not a JSON object")
    return body
