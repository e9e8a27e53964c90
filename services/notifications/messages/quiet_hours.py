"""When a patient may be written to, by the clock on their own wall (NT-10, NT-11, NT-26)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS = time(8)
CLOSES = time(20)
CLOSES_FOR_FIRST_AFTERCARE = time(21)
"""The first aftercare message may be a little late rather than twelve hours late (NT-26)."""


def allowed_from(at: datetime, zone: ZoneInfo, *, closes: time = CLOSES) -> datetime:
    """`at` itself inside the window, else the next opening."""
    local = at.astimezone(zone)
    if OPENS <= local.time() <= closes:
        return at
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    return on_the_wall(day, OPENS, zone)


def next_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The opening of the next local day."""
    return on_the_wall(at.astimezone(zone).date() + timedelta(days=1), OPENS, zone)


def on_the_wall(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant at which clocks in this zone show this time; a day may have 23 or 25 hours."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
