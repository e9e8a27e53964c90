"""Wall time at a place and the instants it stands for; all zone arithmetic of booking is here (BK-01..03)."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib import metadata

from chassis.errors import Refused
from chassis.zones import zone_named


class NoSuchTime(Refused):
    """The clocks are put forward on that day and skip this time. Choose another one."""


class AmbiguousTime(Refused):
    """The clocks are put back on that day and this time comes twice. Say which one is meant with `fold` 0 or 1."""


@lru_cache(maxsize=1)
def rules_edition() -> str:
    """Written beside each appointment: when the rules change, its wall time stays and its instant is derived anew."""
    return metadata.version("tzdata")


def instants(local: datetime, zone_name: str) -> tuple[datetime, ...]:
    """The instants this wall time stands for: one; none in a gap; two where the clocks are put back."""
    tz = zone_named(zone_name)
    wall = local.replace(fold=0)
    found = {wall.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(each for each in found if local_of(each, zone_name) == wall))


def resolve(local: datetime, zone_name: str, fold: int | None = None) -> datetime:
    """The one instant meant; a time in a gap is refused, never shifted, and one in a fold has to be told apart."""
    found = instants(local, zone_name)
    if not found:
        raise NoSuchTime(local_start=local.isoformat(), zone=zone_name)
    if len(found) == 1:
        return found[0]
    if fold is None:
        raise AmbiguousTime(
            local_start=local.isoformat(),
            zone=zone_name,
            instants=[
                {"fold": fold, "starts_at": each.isoformat(), "utc_offset": offset_of(each, zone_name)}
                for fold, each in enumerate(found)
            ],
        )
    return found[fold]


def local_of(instant: datetime, zone_name: str) -> datetime:
    """What the clock on the wall shows at this instant, without offset."""
    return instant.astimezone(zone_named(zone_name)).replace(tzinfo=None, fold=0)


def offset_of(instant: datetime, zone_name: str) -> str:
    """`-05:00`: how far the wall is from UTC at this instant."""
    shown = instant.astimezone(zone_named(zone_name)).strftime("%z")
    return f"{shown[:3]}:{shown[3:5]}"


@lru_cache(maxsize=8192)
def opening_instant(day: date, minutes: int, zone_name: str) -> datetime:
    """When a rule such as “from 09:00” begins on a day: in a fold the first time, in a gap later by what is skipped.

    Only for hours and shifts (BK-02): those must always have a beginning and an end, unlike a visit.
    """
    wall = datetime.combine(day, time.min) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=zone_named(zone_name)).astimezone(UTC)


def day_span(day: date, zone_name: str) -> tuple[datetime, datetime]:
    """Midnight to midnight at the place; 23 or 25 hours on the days the clocks change."""
    return opening_instant(day, 0, zone_name), opening_instant(day + timedelta(days=1), 0, zone_name)
