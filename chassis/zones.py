"""The zones of the world, out of the pinned `tzdata` package and never from the machine, so that every process agrees.

Two hosts with different system packages would otherwise put one visit, one business day or one quiet hour at two
different instants (BK-02). Nobody else makes a `ZoneInfo`; tests/architecture watches over it.
"""

from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from chassis.errors import Refused


class UnknownZone(Refused):
    """This is not an IANA time zone. Use a name such as America/New_York."""


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every IANA name there is."""
    return frozenset((resources.files("tzdata") / "zones").read_text().split())


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The rules of a zone, else `UnknownZone`."""
    if name not in zone_names():
        raise UnknownZone(zone=name)
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)
