"""A visit as a row of moments: what was done about it, and when exactly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from random import Random

from embedded.demo.diary import Diary, Fate, Visit


class What(IntEnum):
    """In the order in which things of the same moment happen."""

    REGISTER = 1
    BOOK = 2
    SELL = 3
    CONFIRM = 4
    CANCEL = 5
    ARRIVE = 6
    NUMB = 7
    START = 8
    COMPLETE = 9
    MISS = 10


@dataclass(frozen=True, slots=True)
class Happening:
    at: datetime
    what: What
    visit: Visit


CONFIRMED_SHARE = 0.7


def until(diary: Diary, now: datetime, seed: int) -> list[Happening]:
    """Everything that has happened by now, in order."""
    found = [each for visit in diary.visits for each in _of(visit, Random(f"{seed} {visit.number}"))]  # noqa: S311
    return sorted((each for each in found if each.at <= now), key=lambda each: (each.at, each.visit.number, each.what))


def _of(visit: Visit, random: Random) -> Iterator[Happening]:
    if visit.is_first:
        yield Happening(visit.booked_at, What.REGISTER, visit)
    yield Happening(visit.booked_at, What.BOOK, visit)
    if visit.sells:
        yield Happening(visit.booked_at + timedelta(minutes=2), What.SELL, visit)
    confirmed_at = visit.starts_at - timedelta(minutes=random.randrange(20 * 60, 70 * 60))
    if random.random() < CONFIRMED_SHARE and confirmed_at > visit.booked_at + timedelta(minutes=10):
        yield Happening(confirmed_at, What.CONFIRM, visit)
    yield from _end(visit, random, after=max(confirmed_at, visit.booked_at) + timedelta(minutes=3))


def _end(visit: Visit, random: Random, *, after: datetime) -> Iterator[Happening]:
    match visit.fate:
        case Fate.COMPLETED:
            yield from _treatment(visit, random)
        case Fate.MISSED:
            yield Happening(visit.starts_at + timedelta(minutes=random.randrange(20, 40)), What.MISS, visit)
        case Fate.CALLED_OFF | Fate.CLOSED:
            wanted = visit.starts_at - timedelta(minutes=random.randrange(90, 60 * 60))
            yield Happening(max(after, wanted), What.CANCEL, visit)


def _treatment(visit: Visit, random: Random) -> Iterator[Happening]:
    """From the door to the signed record, a few minutes off the plan as days are."""
    treatment = visit.slot.treatment
    arrival = visit.starts_at + timedelta(minutes=random.randrange(-9, 4))
    yield Happening(arrival, What.ARRIVE, visit)
    if treatment.numbing:
        yield Happening(max(arrival, visit.starts_at) + timedelta(minutes=random.randrange(1, 6)), What.NUMB, visit)
    begin = visit.starts_at + timedelta(minutes=treatment.before + random.randrange(3, 7))
    yield Happening(begin, What.START, visit)
    yield Happening(visit.leaves_at + timedelta(minutes=random.randrange(-3, 5)), What.COMPLETE, visit)
