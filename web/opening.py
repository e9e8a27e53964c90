"""Hours as people enter and read them: a week day by day, a span, a weekday."""

import json
from collections.abc import Iterable, Mapping
from datetime import time

from web import typed
from web.forms import Entered
from web.templating import clock

WEEKDAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


def span(hours: tuple[time, time] | None) -> str:
    """9:00 am to 5:30 pm."""
    return f"{clock(hours[0])} to {clock(hours[1])}" if hours else "Closed"


def read(form: Entered, name: str) -> list[str] | None:
    """From and to of a form; None where both are left empty. What can't be is told at `name`."""
    begin, end = form[f"{name}-from"], form[f"{name}-to"]
    if not begin and not end:
        return None
    try:
        hours = [typed.time_of_day(begin), typed.time_of_day(end)]
    except typed.Misread as misread:
        form.errors[name] = str(misread)
        return None
    if hours[0] >= hours[1]:
        form.errors[name] = "The first time has to be before the second."
        return None
    return hours


def week(form: Entered) -> dict[str, list[str]]:
    """The hours of each weekday on which it is open."""
    found = {day: read(form, day) for day in WEEKDAYS}
    return {day: hours for day, hours in found.items() if hours}


def entered_week(opening: Mapping[str, tuple[time, time] | None]) -> dict[str, str]:
    """The week as the fields of the form hold it."""
    fields: dict[str, str] = {}
    for day in WEEKDAYS:
        hours = opening.get(day)
        fields |= {
            f"{day}-from": f"{hours[0]:%H:%M}" if hours else "",
            f"{day}-to": f"{hours[1]:%H:%M}" if hours else "",
        }
    return fields


def kept(opening: Mapping[str, tuple[time, time] | None]) -> str:
    """The week as a hidden field keeps it while somebody thinks about it."""
    return json.dumps({day: [f"{at:%H:%M}" for at in hours] for day, hours in opening.items() if hours})


def differing(form: Entered, opening: Mapping[str, tuple[time, time] | None]) -> list[str]:
    """The weekdays on which it is open at other times than those entered: `Monday 9:00 am to 6:00 pm`."""
    entered = entered_week(opening)
    return [
        f"{name} {span(opening.get(day)).lower()}"
        for day, name in WEEKDAYS.items()
        if any(entered[f"{day}-{end}"] != form[f"{day}-{end}"] for end in ("from", "to"))
    ]


def in_words(weekdays: Iterable[int]) -> str:
    """Mon, Tue, Fri; Mon to Fri for days in a row."""
    days = sorted(set(weekdays))
    short = [name[:3] for name in WEEKDAYS.values()]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{short[days[0]]} to {short[days[-1]]}"
    return ", ".join(short[day] for day in days)
