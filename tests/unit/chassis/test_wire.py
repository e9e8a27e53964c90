"""A message as a Kafka record and back, and records that are none."""

import json
from typing import Any
from uuid import UUID

import pytest
from aiokafka.structs import ConsumerRecord

from chassis.bus.poison import Poison, read
from chassis.bus.wire import BODY_BYTES_MAX, Record, Undecodable, decode, encode
from chassis.message import Message
from contracts.envelope import Envelope

ID = "0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"
KEY = "0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a11"
ATTRIBUTES = {
    "id": ID,
    "type": "marks.mark-made",
    "source": "/needlepoint/marks",
    "subject": f"mark/{KEY}",
    "time": "2026-11-23T17:00:00Z",
    "specversion": "1.0",
    "datacontenttype": "application/json",
    "aggregate": "mark",
    "aggregateid": KEY,
    "aggregateversion": 3,
    "correlationid": ID,
}
KNOWN = {"marks.mark-made"}


def a_message(**changed: Any) -> Message:
    return Message(Envelope.model_validate(ATTRIBUTES | changed), {"text": "Ä", "count": 2})


def received(record: Record, *, topic: str | None = None, offset: int = 7) -> "ConsumerRecord[bytes, bytes]":
    """The record as a consumer gets it."""
    told: dict[str, Any] = {
        "topic": topic or record.topic,
        "partition": 2,
        "offset": offset,
        "timestamp": 0,
        "timestamp_type": 0,
        "key": record.key,
        "value": record.value,
        "checksum": None,
        "serialized_key_size": 0,
        "serialized_value_size": 0,
        "headers": tuple(record.headers),
    }
    return ConsumerRecord(**told)


def broken(*, value: bytes | None = b"{}", **headers: bytes | None) -> "ConsumerRecord[bytes, bytes]":
    """A sound record with another body and other headers; None leaves a header out."""
    record = encode(a_message())
    told = dict(record.headers) | headers
    return received(record._replace(value=value, headers=[each for each in told.items() if each[1] is not None]))


def test_what_was_encoded_is_decoded_the_same() -> None:
    message = a_message()

    back = decode(received(encode(message)))

    assert (back.envelope, back.body) == (message.envelope, message.body)


def test_a_message_that_is_only_passed_on_makes_the_same_record() -> None:
    sent = encode(Message.undecoded(ATTRIBUTES, '{"text":"Ä","count":2}'.encode()))

    assert sent == encode(a_message())


def test_topic_and_key_follow_from_the_fact() -> None:
    record = encode(a_message(), prefix="north-")

    assert (record.topic, record.key) == ("north-marks", KEY.encode())


def test_what_is_not_set_is_no_header() -> None:
    names = {name for name, _ in encode(a_message()).headers}

    assert not {"ce_causationid", "ce_actor", "ce_traceparent", "ce_datacontenttype"} & names
    assert "content-type" in names


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (broken(value=None), "no body"),
        (broken(value=b"{"), "not JSON"),
        (broken(value=b"\xff"), "not JSON"),
        (broken(value=b'{"at": NaN}'), "not JSON"),
        (broken(value=b"[" * 100_000), "not JSON"),
        (broken(value=b"[1]"), "not a JSON object"),
        (broken(value=b" " * (BODY_BYTES_MAX + 1)), "too large"),
        (broken(value=json.dumps({"text": "\0"}).encode()), "a zero byte in a text, which no database takes"),
        (broken(ce_specversion=None), "not a CloudEvent 1.0"),
        (broken(ce_specversion=b"2.0"), "not a CloudEvent 1.0"),
        (broken(ce_subject=b"\xff"), "a header is not UTF-8"),
        (broken(ce_id=None), "headers are wrong (ce_id: missing)"),
        (broken(ce_aggregateid=b"7"), "headers are wrong (ce_aggregateid: uuid_parsing)"),
        (broken(ce_type=b"others.mark-made"), "a fact of another service than its topic's"),
        (broken(ce_type=b"marks.mark-lost"), "unknown type"),
    ],
)
def test_what_is_no_fact_is_told_apart_with_its_reason(record: "ConsumerRecord[bytes, bytes]", reason: str) -> None:
    """F17: and no value of it is told."""
    poison = read(record, known=KNOWN)

    assert isinstance(poison, Poison)
    assert poison.reason == reason


def test_a_poison_can_be_kept_as_json_and_read_again() -> None:
    poison = read(broken(value=b"\xff\x00", ce_source=b"\xfe"), known=KNOWN)

    assert isinstance(poison, Poison)
    assert Poison.from_json(json.loads(json.dumps(poison.to_json()))) == poison


def test_a_poison_has_an_id_of_its_own_and_the_same_at_every_delivery() -> None:
    record = encode(a_message())._replace(value=b"{")

    first, again = read(received(record), known=KNOWN), read(received(record), known=KNOWN)
    elsewhere = read(received(record, offset=8), known=KNOWN)

    assert first.id == again.id
    assert len({first.id, elsewhere.id, UUID(ID)}) == 3


def test_a_poison_holds_back_its_thing_unless_only_its_type_is_new() -> None:
    damaged = read(broken(value=b"{"), known=KNOWN)
    nameless = read(broken(value=b"{", ce_aggregateid=None), known=KNOWN)
    new = read(broken(), known=())

    assert isinstance(damaged, Poison)
    assert isinstance(nameless, Poison)
    assert isinstance(new, Poison)
    assert damaged.thing == UUID(KEY)
    assert (nameless.thing, new.thing) == (nameless.id, new.id)


def test_a_type_that_looks_like_none_is_not_repeated() -> None:
    poison = read(broken(ce_type=b"Amelia Bennett"), known=KNOWN)

    assert poison.type == "unknown"


def test_a_reason_names_no_value() -> None:
    with pytest.raises(Undecodable) as refused:
        decode(broken(ce_time=b"Amelia Bennett"))

    assert "Amelia" not in refused.value.reason
