"""`needlepoint topics`: the topics on Kafka as the contracts say they should be."""

import asyncio
import sys
from collections.abc import Iterator

from aiokafka.errors import KafkaError

from chassis import log
from chassis.bus import topics
from chassis.bus.dead_letters import SUFFIX, VALUE_BYTES_MAX
from chassis.bus.kafka import KafkaSettings
from chassis.bus.topics import Topic
from chassis.settings import UnusableSettings, read
from cli.refusal import Refusal, told_plainly
from contracts.catalog import CATALOG, PARTITIONS, RETENTION_DAYS, TOPICS

DEAD_LETTER_PARTITIONS = 1
"""Few, and easier to read in the order in which they came."""


@told_plainly
def create_topics() -> None:
    """Create the topics that the services need, and add partitions where there are too few.

    Safe to repeat. What differs in another way is told and left alone. The brokers are named by
    NEEDLEPOINT_KAFKA_BOOTSTRAP_SERVERS; NEEDLEPOINT_KAFKA_REPLICATION and NEEDLEPOINT_KAFKA_MIN_INSYNC say how many
    copies there are to be.

    For example:

      needlepoint topics
    """
    log.configure(level="ERROR", style="console")
    try:
        settings = read(KafkaSettings)
        outcome = asyncio.run(topics.ensure(settings, list(wanted())))
    except UnusableSettings as error:
        raise Refusal(str(error)) from None
    except (KafkaError, OSError, TimeoutError) as error:
        raise Refusal(
            f"The brokers did not do it ({type(error).__name__}). Nothing is half done; repeat it."
        ) from error
    for name in outcome.created:
        print(f"created {name}")
    for name in outcome.grown:
        print(f"added partitions to {name}")
    for name, differences in outcome.differing.items():
        print(f"left alone {name}: {'; '.join(differences)}", file=sys.stderr)
    if not (outcome.created or outcome.grown):
        print("All topics are there.")


def wanted() -> Iterator[Topic]:
    """A topic for the facts of each service, one for the dead letters of each that listens."""
    for name in TOPICS:
        yield Topic(name, PARTITIONS, RETENTION_DAYS)
    for name in sorted({listener for entry in CATALOG for listener in entry.heard_by}):
        yield Topic(f"{name}{SUFFIX}", DEAD_LETTER_PARTITIONS, RETENTION_DAYS, 2 * VALUE_BYTES_MAX)
