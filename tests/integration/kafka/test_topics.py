"""Topics are made as the caller says, once, and what differs is told instead of changed."""

from chassis.bus import topics
from chassis.bus.topics import Topic
from cli.topics import wanted
from contracts.catalog import PARTITIONS, TOPICS, heard_by
from tests.support.bus import Bus


async def test_topics_are_created_once_and_found_in_order_after_that(bus: Bus) -> None:
    asked = [Topic("new", partitions=3, retention_days=28)]

    first = await topics.ensure(bus.settings(), asked)
    again = await topics.ensure(bus.settings(), asked)

    assert first.created == (f"{bus.prefix}new",)
    assert (again.created, again.grown, again.differing) == ((), (), {})


async def test_a_topic_gets_the_partitions_that_the_contracts_grew_to(bus: Bus) -> None:
    await topics.ensure(bus.settings(), [Topic("new", partitions=2, retention_days=28)])

    grown = await topics.ensure(bus.settings(), [Topic("new", partitions=5, retention_days=28)])
    again = await topics.ensure(bus.settings(), [Topic("new", partitions=5, retention_days=28)])

    assert (grown.grown, again.grown) == ((f"{bus.prefix}new",), ())


async def test_what_differs_otherwise_is_told_and_left_alone(bus: Bus) -> None:
    """A shorter retention would delete facts, fewer partitions can't be had, copies need brokers."""
    await topics.ensure(bus.settings(), [Topic("new", partitions=4, retention_days=28)])

    outcome = await topics.ensure(bus.settings(replication=3), [Topic("new", partitions=2, retention_days=7)])

    assert outcome.differing == {
        f"{bus.prefix}new": [
            "retention.ms is 2419200000, not 604800000",
            "4 partitions, not 2",
            "[1] copies, not 3",
        ]
    }


async def test_every_service_has_its_topic_and_every_listener_its_dead_letters() -> None:
    asked = {topic.name: topic for topic in wanted()}

    assert set(TOPICS) < asked.keys()
    assert {asked[name].partitions for name in TOPICS} == {PARTITIONS}
    for service in ("billing", "inventory", "notifications", "audit"):
        assert list(heard_by(service))
        assert f"{service}.dead-letters" in asked
