"""Business days: the local date of an instant, and the same day some months later."""

from calendar import monthrange
from datetime import date, datetime

from chassis.zones import zone_named


def local_date(at: datetime, zone: str) -> date:
    """The business date of an instant, where that zone is kept."""
    return at.astimezone(zone_named(zone)).date()


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day when that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
