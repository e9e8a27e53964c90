"""A key's partition is the one that every Kafka client would choose."""

from uuid import UUID

import pytest
from aiokafka.partitioner import DefaultPartitioner

from chassis.bus.placing import partition_of

PARTITIONS = list(range(7))


@pytest.mark.parametrize("length", range(41))
def test_it_is_where_other_clients_put_it(length: int) -> None:
    for number in range(50):
        key = (number * 0x9E3779B97F4A7C15 % 2**64).to_bytes(8, "big") * 6

        chosen = partition_of(key[:length], PARTITIONS)

        assert chosen == DefaultPartitioner()(key[:length], PARTITIONS, PARTITIONS)


def test_known_keys_stay_where_java_put_them() -> None:
    """From Kafka's own tests of `Utils.murmur2`; what is seen here is the hash, below a modulus that keeps it whole."""
    known = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}

    for key, hashed in known.items():
        assert partition_of(key, range(2**31)) == hashed & 0x7FFFFFFF


def test_things_are_spread_over_all_partitions() -> None:
    keys = [str(UUID(int=number)).encode() for number in range(1000)]

    counts = [sum(partition_of(key, PARTITIONS) == partition for key in keys) for partition in PARTITIONS]

    assert min(counts) > 100


def test_what_has_no_key_goes_anywhere() -> None:
    assert {partition_of(None, PARTITIONS) for _ in range(200)} == set(PARTITIONS)
