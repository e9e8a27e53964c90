"""The five aftercare messages of a needling session and their hours (NT-25, from CL-74..86)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.notifications import Template
from services.notifications.messages.quiet_hours import on_the_wall

HOURS = {Template.AFTERCARE_H2: 2, Template.AFTERCARE_H24: 24}
"""Counted as time passes: the skin knows no daylight saving."""
DAYS = {Template.AFTERCARE_D3: 3, Template.AFTERCARE_D7: 7, Template.AFTERCARE_D28: 28}
"""Counted on the calendar of the place, at the hour the session ended there."""
USEFUL_HOURS = {
    Template.AFTERCARE_H2: 22,
    Template.AFTERCARE_H24: 48,
    Template.AFTERCARE_D3: 96,
    Template.AFTERCARE_D7: 168,
    Template.AFTERCARE_D28: 336,
}
"""How late one may come before the next has overtaken it."""
SERIES = tuple(USEFUL_HOURS)


def times(completed_at: datetime, zone: ZoneInfo) -> Iterator[tuple[Template, datetime, datetime]]:
    """Each message with the instant it is due, and the instant from which it is of no use."""
    for template in SERIES:
        due = _due(template, completed_at, zone)
        yield template, due, due + timedelta(hours=USEFUL_HOURS[template])


def _due(template: Template, completed_at: datetime, zone: ZoneInfo) -> datetime:
    if template in HOURS:
        return completed_at + timedelta(hours=HOURS[template])
    local = completed_at.astimezone(zone)
    return on_the_wall(local.date() + timedelta(days=DAYS[template]), local.time(), zone)
