"""How long ago, how long until: dates beside today, as people say them."""

from datetime import date, datetime, timedelta

from web.labels import BAD, NOTICE
from web.words import Status

EXPIRES_SOON_DAYS = 90
"""From here on a lot is worth a look (IV-39)."""
EXPIRES_NOW_DAYS = 30


def ago(span: timedelta) -> str:
    """3 min, 5 h 12 min, 4 days."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    days = hours // 24
    return f"{days} day" if days == 1 else f"{days} days"


def until(on: date, today: date) -> str:
    """today, tomorrow, in 5 days, 3 days ago, in 4 months."""
    days = (on - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    span = f"{abs(days)} days" if abs(days) < 60 else f"{round(abs(days) / 30.4)} months"
    return f"in {span}" if days > 0 else f"{span} ago"


def expiry(expires_on: date | None, today: date) -> Status | None:
    """A warning about a lot's date; None while there is time. It may be used on that very day (IV-11)."""
    if expires_on is None:
        return Status("No date", NOTICE)
    days = (expires_on - today).days
    if days < 0:
        return Status("Expired", BAD)
    if days <= EXPIRES_NOW_DAYS:
        return Status("Last day" if days == 0 else f"{days} days left" if days > 1 else "1 day left", BAD)
    return Status(f"{days} days left", NOTICE) if days <= EXPIRES_SOON_DAYS else None


def relative_day(at: datetime, today: date) -> str:
    """Today, Yesterday, Monday, November 16, or with the year when it is another one."""
    on = at.date()
    if on == today:
        return "Today"
    if on == today - timedelta(days=1):
        return "Yesterday"
    year = f", {on.year}" if on.year != today.year else ""
    return f"{on:%A}, {on:%B} {on.day}{year}"
