"""Where a request comes from, as far as the proxies in front of us can be believed."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Networks = Sequence[IPv4Network | IPv6Network]

UNKNOWN = "unknown"
_HOUSEHOLD_BITS = 64
"""One subscriber has a whole IPv6 network of this size, and could use a new address for each try."""


def origin_of(peer: str | None, forwarded: Sequence[str], *, trusted: Networks) -> str:
    """The nearest address that is not one of our own proxies.

    `forwarded` holds the `X-Forwarded-For` headers: whoever is nearest to us wrote last, so they are read from
    the end, and only as far as the one who wrote is trusted.
    """
    told = [each.strip() for header in forwarded for each in header.split(",")]
    nearest = peer
    while told and (nearest is None or _is_within(nearest, trusted)):
        nearest = told.pop()
    return _household(nearest) if nearest else UNKNOWN


def _is_within(address: str, networks: Networks) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:
        return False


def _household(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return UNKNOWN
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _HOUSEHOLD_BITS), strict=False))
