"""Every zone is read from the pinned package, whatever the machine has."""

import zoneinfo
from datetime import UTC, datetime

import pytest

from chassis.zones import UnknownZone, zone_named, zone_names


def test_a_zone_knows_its_name_and_its_offset() -> None:
    new_york = zone_named("America/New_York")

    assert new_york.key == "America/New_York"
    assert datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone(new_york).hour == 8


def test_the_machine_is_not_asked() -> None:
    """A host without zone files, or with other ones, has the same zones."""
    zone_named.cache_clear()
    zoneinfo.reset_tzpath(to=[])
    try:
        assert zone_named("Pacific/Apia").key == "Pacific/Apia"
    finally:
        zoneinfo.reset_tzpath()


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "America/new_york", "America", "US"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone_named(name)


def test_all_of_them_can_be_read() -> None:
    assert len(zone_names()) > 400
    assert {zone_named(name).key for name in zone_names()} == zone_names()
