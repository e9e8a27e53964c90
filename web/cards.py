"""The day as the grid draws it: one card for each visit, shaded hours, and the figures above."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from web.clients.booking import Appointment, Day, Treatment
from web.clients.settlements import Settlement
from web.words import STATUSES, hue_of

HOURS = (time(9), time(18))
"""Shown when a location is closed on the day: the grid needs some hours."""
FORM = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers above the grid."""

    booked: int
    to_confirm: int
    late: int
    waiting: int
    in_treatment: int
    done: int
    missed: int
    chair_time: int
    """Per cent of the practitioners' working time that is taken."""


def card(
    visit: Appointment, settlement: Settlement | None, *, treatments: Mapping[str, Treatment], movable: bool
) -> dict[str, Any]:
    """One visit, in the words of the calendar library."""
    status, treatment = STATUSES[visit.status], treatments.get(visit.treatment)
    hue = hue_of(treatment.colour if treatment else None)
    return {
        "id": str(visit.id),
        "resourceIds": [str(visit.practitioner_id), str(visit.room_id)],
        "start": visit.local_start.strftime(FORM),
        "end": visit.local_end.strftime(FORM),
        "title": visit.patient.full_name,
        "classNames": [f"hue-{hue}", f"is-{visit.status}"],
        "editable": movable and "move" in visit.next_actions,
        "durationEditable": False,
        "extendedProps": {
            "version": visit.version,
            "over": visit.is_over,
            "awaited": visit.starts_at.isoformat() if visit.is_awaited else None,
            "status": status.text,
            "treatment": visit.treatment_name,
            "practitioner": visit.practitioner_name,
            "room": visit.room_name,
            "flags": flags(visit, settlement),
            "minutesElsewhere": treatment.minutes_before_room if treatment else 0,
            "inRoom": [at.strftime(FORM) for at in in_room(visit, treatment)],
        },
    }


def in_room(visit: Appointment, treatment: Treatment | None) -> tuple[datetime, datetime]:
    """From when until when the visit takes up its room: without numbing in a bay, with the cleaning (BK-07, BK-08)."""
    if treatment is None:
        return visit.local_start, visit.local_end
    before, after = treatment.minutes_before_room, treatment.minutes_of_cleaning
    return visit.local_start + timedelta(minutes=before), visit.local_end + timedelta(minutes=after)


def flags(visit: Appointment, settlement: Settlement | None) -> list[str]:
    """What the desk should see before it opens the card."""
    found = [flag for flag in visit.flags if flag == "new"]
    if settlement and settlement.from_package:
        found.append("package")
    if settlement and settlement.is_owed:
        found.append("balance")
    return found


def shaded(day: Day) -> list[dict[str, Any]]:
    """Hours at which nobody can be booked: off shift for a practitioner, closed for a room."""
    begin, end = shown_hours(day)
    closed = _closed(day)
    away = {each.id: [*closed, *each.off] for each in day.practitioners}
    shut = {room.id: closed for room in day.rooms}
    return [
        _shade(resource, since, until)
        for resource, spans in (away | shut).items()
        for since, until in _clipped(spans, begin, end)
    ]


def shown_hours(day: Day) -> tuple[datetime, datetime]:
    """From an hour before opening to an hour after closing, and further where somebody is booked."""
    opens, closes = day.opening or HOURS
    begins = [_at(day.date, opens) - timedelta(hours=1), *(visit.local_start for visit in day.appointments)]
    ends = [_at(day.date, closes) + timedelta(hours=1), *(visit.local_end for visit in day.appointments)]
    midnight = _at(day.date, time(0))
    begin = max(min(begins), midnight)
    end = min(max(ends), midnight + timedelta(days=1))
    return begin.replace(minute=0), end if end.minute == 0 else end.replace(minute=0) + timedelta(hours=1)


def figures(day: Day, *, now: datetime) -> Figures:
    """Count the day."""
    states = [visit.status for visit in day.appointments if not visit.is_over]
    taken = sum(visit.minutes for visit in day.appointments if not visit.is_over and visit.status != "no_show")
    return Figures(
        booked=len(states),
        to_confirm=states.count("booked"),
        late=sum(visit.is_late(now) for visit in day.appointments),
        waiting=states.count("checked_in"),
        in_treatment=states.count("numbing") + states.count("in_procedure"),
        done=states.count("completed"),
        missed=states.count("no_show"),
        chair_time=round(100 * taken / (_working_minutes(day) or 1)) if taken else 0,
    )


def _working_minutes(day: Day) -> int:
    if day.opening is None:
        return 0
    begin, end = (_at(day.date, at) for at in day.opening)
    open_minutes = _minutes([(begin, end)])
    return sum(open_minutes - _minutes(_clipped(each.off, begin, end)) for each in day.practitioners)


def _minutes(spans: Iterable[tuple[datetime, datetime]]) -> int:
    return round(sum((until - since).total_seconds() for since, until in spans) / 60)


def _closed(day: Day) -> list[tuple[datetime, datetime]]:
    midnight = _at(day.date, time(0))
    tomorrow = midnight + timedelta(days=1)
    if day.opening is None:
        return [(midnight, tomorrow)]
    opens, closes = day.opening
    return [(midnight, _at(day.date, opens)), (_at(day.date, closes), tomorrow)]


def _clipped(
    spans: Sequence[tuple[datetime, datetime]], begin: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    cut = [(max(since, begin), min(until, end)) for since, until in spans]
    return [(since, until) for since, until in cut if since < until]


def _shade(resource: UUID, since: datetime, until: datetime) -> dict[str, Any]:
    return {
        "id": f"off-{resource}-{since:%H%M}",
        "resourceIds": [str(resource)],
        "display": "background",
        "start": since.strftime(FORM),
        "end": until.strftime(FORM),
        "classNames": ["off"],
    }


def _at(on: date, at: time) -> datetime:
    return datetime.combine(on, at)
