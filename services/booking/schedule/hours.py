"""Opening hours and shifts: local rules with dated exceptions, turned into instants day by day (BK-02, BK-12)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.booking.schedule.spans import Span, without
from services.booking.schedule.wall_time import day_span, opening_instant

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """When a clinic is open: from and to by weekday, and the days on which that is different."""

    weekly: Mapping[str, tuple[str, str]]
    exceptions: Mapping[str, tuple[str, str] | None]
    """By ISO day; None: closed."""

    def on(self, day: date) -> tuple[str, str] | None:
        """`("09:00", "18:00")`, or None when it stays closed."""
        iso = day.isoformat()
        return self.exceptions[iso] if iso in self.exceptions else self.weekly.get(WEEKDAYS[day.weekday()])

    def span(self, day: date, zone: str) -> Span | None:
        hours = self.on(day)
        return _span(day, minutes_of(hours[0]), minutes_of(hours[1]), zone) if hours else None


@dataclass(frozen=True, slots=True)
class ShiftRule:
    """Working hours at one place: every week on a weekday, or on one day."""

    weekday: int | None
    day: date | None
    starts: int
    ends: int
    """Minutes after local midnight."""
    from_on: date | None = None
    until_on: date | None = None

    def applies(self, day: date) -> bool:
        if self.day is not None:
            return self.day == day
        if self.weekday != day.weekday():
            return False
        begun = self.from_on is None or self.from_on <= day
        return begun and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class AbsenceRule:
    """Not there on a day: between two times, or all of it when they are None."""

    day: date
    starts: int | None
    ends: int | None


def working(shifts: Iterable[ShiftRule], absences: Iterable[AbsenceRule], day: date, zone: str) -> list[Span]:
    """When somebody works at a place on a day."""
    there = [_span(day, rule.starts, rule.ends, zone) for rule in shifts if rule.applies(day)]
    gone = [_absence(rule, zone) for rule in absences if rule.day == day]
    return without(there, gone) if gone or len(there) > 1 else there


def minutes_of(time_of_day: str) -> int:
    """`"09:30"` as minutes after midnight."""
    hours, minutes = time_of_day.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _span(day: date, starts: int, ends: int, zone: str) -> Span:
    return Span(opening_instant(day, starts, zone), opening_instant(day, ends, zone))


def _absence(rule: AbsenceRule, zone: str) -> Span:
    if rule.starts is None or rule.ends is None:
        return Span(*day_span(rule.day, zone))
    return _span(rule.day, rule.starts, rule.ends, zone)
