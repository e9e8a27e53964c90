"""The overlay with three brokers: each fact on three of them, and one may go without anybody noticing."""

from collections.abc import Iterator

import pytest

from contracts.catalog import TOPICS
from tests.support.containers import Containers
from tests.support.waiting import soon

BROKERS = ("kafka", "kafka-2", "kafka-3")
FILES = ("docker-compose.yml", "deploy/compose.three-brokers.yml")
TOLD = "SELECT count(*) FROM event WHERE type = 'identity.staff-changed'"
NEEDED = ("identity-worker", "audit-worker")


@pytest.fixture(scope="module")
def cluster(containers: Containers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    cluster = Containers(tmp_path_factory.mktemp("cluster"), files=FILES, project="needlepoint-test-cluster")
    cluster.settings["NEEDLEPOINT_FRONT_SUBNET"] = "172.30.79.0/24"
    cluster.down()
    try:
        cluster.up(*NEEDED, profiles="")
        yield cluster
    finally:
        cluster.down()


def topics(cluster: Containers) -> str:
    ask = ["/opt/kafka/bin/kafka-topics.sh", "--bootstrap-server", "kafka:19092", "--describe"]
    return cluster.docker("exec", cluster.one("kafka"), *ask)


@pytest.mark.timeout(300)
def test_every_topic_has_three_copies_of_which_two_must_hold_a_fact(cluster: Containers) -> None:
    described = topics(cluster)

    for topic in TOPICS:
        [line] = [
            each for each in described.splitlines() if each.startswith(f"Topic: {topic}\t") and "Configs:" in each
        ]
        assert "ReplicationFactor: 3" in line
        assert "min.insync.replicas=2" in line


@pytest.mark.timeout(300)
def test_facts_flow_on_when_a_broker_is_killed(cluster: Containers) -> None:
    cluster.docker("kill", cluster.one("kafka-2"))

    who = ["--email", "owner@example.com", "--name", "Victoria Fernhill"]
    cluster.compose(
        "--profile=setup", "run", "--rm", "-e", "NEEDLEPOINT_PASSWORD=a-long-enough-passphrase", "owner", *who
    )

    soon(lambda: int(cluster.sql("audit", TOLD)) >= 1, patience=90)
