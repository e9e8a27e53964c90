from ipaddress import ip_network

import pytest

from services.identity.origins import UNKNOWN, origin_of

TRUSTED = (ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "origin"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["203.0.113.7, 10.1.2.3"], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        (None, ["203.0.113.7"], "203.0.113.7"),
        (None, [], UNKNOWN),
        ("127.0.0.1", ["not an address"], UNKNOWN),
    ],
)
def test_the_origin_is_the_nearest_address_that_is_not_ours(
    peer: str | None, forwarded: list[str], origin: str
) -> None:
    assert origin_of(peer, forwarded, trusted=TRUSTED) == origin


def test_a_stranger_can_not_say_that_they_are_somebody_else() -> None:
    assert origin_of("203.0.113.7", ["198.51.100.1"], trusted=TRUSTED) == "203.0.113.7"
    assert origin_of("127.0.0.1", ["198.51.100.1, 203.0.113.7"], trusted=TRUSTED) == "203.0.113.7"


def test_the_addresses_of_one_household_are_one_origin() -> None:
    first = origin_of("2001:db8:1:2::1", [], trusted=TRUSTED)

    assert first == origin_of("2001:db8:1:2:ffff::9", [], trusted=TRUSTED)
    assert first != origin_of("2001:db8:1:3::1", [], trusted=TRUSTED)
    assert origin_of("::ffff:203.0.113.7", [], trusted=TRUSTED) == "203.0.113.7"
