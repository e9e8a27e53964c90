"""Brings the topics on the brokers in line with what the caller says there should be.

Running it again changes nothing. Partitions are added where there are too few, never taken away; what else differs is
told, and left to an operator: a shorter retention would delete facts.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

if TYPE_CHECKING:
    from chassis.bus.kafka import KafkaSettings

log = structlog.get_logger()

ADMIN_SECONDS = 60.0
AGAIN_SECONDS = 0.1
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Topic:
    """How a topic should be."""

    name: str
    partitions: int
    retention_days: int
    message_bytes_max: int = 1_048_588
    """Kafka's own default."""

    def settings(self, *, min_insync: int) -> dict[str, str]:
        """What is written on the topic itself, so that it holds whatever the brokers' defaults are."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_days * DAY_MS),
            "min.insync.replicas": str(min_insync),
            "max.message.bytes": str(self.message_bytes_max),
            "unclean.leader.election.enable": "false",
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, by topic."""

    created: tuple[str, ...]
    grown: tuple[str, ...]
    differing: Mapping[str, Sequence[str]]
    """What is otherwise than it should be, in words."""


async def ensure(settings: "KafkaSettings", topics: Sequence[Topic]) -> Outcome:
    """Create what is missing, add partitions where there are too few, tell what differs."""
    admin = AIOKafkaAdminClient(**settings.connection(), client_id="needlepoint-topics")
    wanted = {settings.topic(topic.name): topic for topic in topics}
    try:
        async with asyncio.timeout(ADMIN_SECONDS):
            await admin.start()
            created = await _create(admin, settings, wanted)
            found = await _describe(admin, wanted)
            grown = await _grow(admin, wanted, found)
            differing = await _differing(admin, settings, wanted, found)
    finally:
        await admin.close()
    for topic, differences in differing.items():
        log.warning("topic.differs", topic=topic, reason="; ".join(differences))
    return Outcome(tuple(created), tuple(grown), differing)


async def _create(admin: AIOKafkaAdminClient, settings: "KafkaSettings", wanted: Mapping[str, Topic]) -> list[str]:
    """Two at once do no harm: what the other one created is there."""
    new = [
        NewTopic(
            name=name,
            num_partitions=topic.partitions,
            replication_factor=settings.replication,
            topic_configs=topic.settings(min_insync=settings.min_insync),
        )
        for name, topic in wanted.items()
    ]
    created = []
    answer: Any = await admin.create_topics(new)
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        if code == 0:
            created.append(name)
            log.info("topic.created", topic=name)
        elif error is not TopicAlreadyExistsError:
            raise error(name)
    return created


async def _describe(admin: AIOKafkaAdminClient, wanted: Collection[str]) -> dict[str, Any]:
    """What the brokers tell of these topics, once they have all heard of them."""
    while True:
        told = await admin.describe_topics(list(wanted))
        if all(each["error_code"] == 0 and each["partitions"] for each in told):
            return {each["topic"]: each for each in told}
        await asyncio.sleep(AGAIN_SECONDS)


async def _grow(admin: AIOKafkaAdminClient, wanted: Mapping[str, Topic], found: Mapping[str, Any]) -> list[str]:
    """A thing's facts may go to another partition from then on: listeners know old news from new by its version."""
    grown = [name for name, topic in wanted.items() if len(found[name]["partitions"]) < topic.partitions]
    if grown:
        await admin.create_partitions({name: NewPartitions(wanted[name].partitions) for name in grown})
    for name in grown:
        log.warning("topic.grown", topic=name, count=wanted[name].partitions)
    return grown


async def _differing(
    admin: AIOKafkaAdminClient, settings: "KafkaSettings", wanted: Mapping[str, Topic], found: Mapping[str, Any]
) -> dict[str, list[str]]:
    differing: dict[str, list[str]] = {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in wanted]
    answers: list[Any] = await admin.describe_configs(resources)
    for answer in answers:
        for resource in answer.resources:
            name, entries = resource[3], resource[4]
            written = {entry[0]: entry[1] for entry in entries}
            should = wanted[name].settings(min_insync=settings.min_insync)
            wrong = [
                f"{key} is {written.get(key)}, not {value}"
                for key, value in should.items()
                if written.get(key) != value
            ]
            wrong += _wrong_copies(settings, wanted[name], found[name]["partitions"])
            if wrong:
                differing[name] = wrong
    return differing


def _wrong_copies(settings: "KafkaSettings", topic: Topic, partitions: Sequence[Mapping[str, Any]]) -> list[str]:
    wrong = []
    if len(partitions) > topic.partitions:
        wrong.append(f"{len(partitions)} partitions, not {topic.partitions}")
    copies = {len(each["replicas"]) for each in partitions}
    if copies != {settings.replication}:
        wrong.append(f"{sorted(copies)} copies, not {settings.replication}")
    return wrong
