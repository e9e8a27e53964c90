"""The envelope of a fact: CloudEvents 1.0 attributes, and the base that every fact is built on."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Fact(BaseModel):
    """Something that has happened, told by its owner to whoever listens.

    A fact never carries personal or clinical data (CP-14): opaque ids, times, enums, quantities, money.
    `aggregate` names the thing the fact is about, `key` the field that holds its id; `version` counts
    that thing's facts from 1 without a gap, so that a listener can tell old news from new (I4).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ClassVar[str]
    """`<service>.<fact>`, also CloudEvents `type`."""
    aggregate: ClassVar[str]
    key: ClassVar[str]

    version: int = Field(ge=1)
    at: AwareDatetime
    """When it happened, UTC."""

    @property
    def aggregate_id(self) -> UUID:
        """The id of the thing this fact is about; also the partition key."""
        value: UUID = getattr(self, self.key)
        return value

    @classmethod
    def topic(cls) -> str:
        """Facts of one service share one topic, named after it."""
        return cls.type.partition(".")[0]


class Envelope(BaseModel):
    """A fact on its way: CloudEvents 1.0 attributes and the extensions we add.

    `id` stays the same at every redelivery and replay; the inbox tells duplicates by it.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    type: str
    source: str
    """`/needlepoint/<service>`."""
    subject: str
    """`<aggregate>/<aggregate id>`."""
    time: datetime
    specversion: str = "1.0"
    datacontenttype: str = "application/json"

    aggregate: str
    aggregateid: UUID
    aggregateversion: int
    correlationid: UUID
    """The same for everything that follows from one request."""
    causationid: UUID | None = None
    """The fact that made this one happen; None when a person or a clock did."""
    traceparent: str | None = None
    """W3C Trace Context."""
    actor: str | None = None
    """Opaque id of the member of staff or service that asked for it."""

    @property
    def topic(self) -> str:
        return self.type.partition(".")[0]


def known_types() -> frozenset[str]:
    """Every type of fact that this process knows. A service's facts live in one module, so whoever listens to one
    of them knows all of them: another type on their topic was told by a newer release, or by a stranger.
    """
    return frozenset(fact.type for fact in _all_below(Fact) if hasattr(fact, "type"))


def _all_below(kind: type[Fact]) -> Iterator[type[Fact]]:
    for each in kind.__subclasses__():
        yield each
        yield from _all_below(each)
