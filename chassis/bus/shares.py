"""What one poll brought, cut into what is taken together: one transaction for all partitions that are well."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka.structs import ConsumerRecord, TopicPartition

from chassis.bus.poison import Poison, read
from chassis.message import Message

Batch = Mapping[TopicPartition, Sequence["ConsumerRecord[bytes, bytes]"]]


@dataclass(slots=True)
class Share:
    """All of it is handled, or all of it comes again; what was handled already is known to the inbox then."""

    found: list[Message | Poison] = field(default_factory=list)
    """In the order of each partition."""
    begins: dict[TopicPartition, int] = field(default_factory=dict)
    """The offset of its first record."""
    ends: dict[TopicPartition, int] = field(default_factory=dict)
    """The offset behind its last record."""

    def add(
        self, place: TopicPartition, records: Sequence["ConsumerRecord[bytes, bytes]"], found: list[Message | Poison]
    ) -> None:
        self.found += found
        self.begins[place], self.ends[place] = records[0].offset, records[-1].offset + 1

    def pieces(self) -> Iterator[list[Message] | Poison]:
        """What a consumer takes at a time: as many messages as there are up to the next poison."""
        messages: list[Message] = []
        for each in self.found:
            if isinstance(each, Message):
                messages.append(each)
                continue
            if messages:
                yield messages
            yield each
            messages = []
        if messages:
            yield messages


def shares_of(batch: Batch, *, apart: Container[TopicPartition], known: Collection[str]) -> Iterator[Share]:
    """One share of all partitions that are well; each that is `apart`, or holds poison, by itself behind it."""
    together, alone = Share(), []
    for place, records in batch.items():
        found = [read(record, known=known) for record in records]
        share = together
        if place in apart or any(isinstance(each, Poison) for each in found):
            share = Share()
            alone.append(share)
        share.add(place, records, found)
    yield from ([together] if together.found else [])
    yield from alone
