"""Every visit of the demo chain, past and to come, written down before any of it is played.

The same seed and the same moment always give the same diary.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random

from chassis.zones import zone_named
from embedded.demo.layout import DayBook, Slot
from embedded.demo.people import COURSES, People, Person
from embedded.demo.stage import CLINICS, CONSULTATION, FOLLOW_UP, Clinic, Treatment

LEAD_DAYS_MAX = 16
WEEKEND_SHARE = 0.8
COURSE_INTERVAL_DAYS = 35


@dataclass(frozen=True, slots=True)
class Extent:
    """How much story there is."""

    days_back: int = 21
    days_ahead: int = 14
    regulars: int = 32
    """Patients whose course began months ago."""


class Fate(StrEnum):
    """What becomes of a visit, once its time comes."""

    COMPLETED = "completed"
    MISSED = "missed"
    CALLED_OFF = "called_off"
    """By the patient."""
    CLOSED = "closed"
    """By the clinic."""


FATES = ((Fate.COMPLETED, 88), (Fate.MISSED, 5), (Fate.CALLED_OFF, 5), (Fate.CLOSED, 2))


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit, as it was meant and as it went."""

    number: int
    slot: Slot
    person: Person
    fate: Fate
    booked_at: datetime
    is_first: bool
    """Of this person, who is registered with it."""
    sells: int | None
    """Sessions of the package that is bought with it."""

    @property
    def starts_at(self) -> datetime:
        return self.slot.local_start.replace(tzinfo=zone_named(self.slot.clinic.zone))

    @property
    def leaves_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.slot.treatment.patient_minutes)


@dataclass(frozen=True, slots=True)
class Diary:
    people: list[Person]
    visits: list[Visit]


def write(seed: int, now: datetime, extent: Extent) -> Diary:
    """The diary of the whole chain, seen from this moment."""
    return _Writer(Random(f"{seed} {now:%Y-%m-%d}"), now, extent).write()  # noqa: S311 - a story, not a secret


class _Writer:
    def __init__(self, random: Random, now: datetime, extent: Extent) -> None:
        self._random = random
        self._now = now
        self._extent = extent
        self._busy_from = now.date() - timedelta(days=extent.days_back + 1)
        self._people = People(random, now.date())
        self._visits: list[Visit] = []
        self._quiet_days: dict[tuple[str, date], DayBook] = {}
        self._owners: set[int] = set()
        """Who bought a package."""

    def write(self) -> Diary:
        for number in range(self._extent.regulars):
            self._regular(CLINICS[0] if number % 2 else CLINICS[1 + number % 4 // 2])
        for clinic in CLINICS:
            today = self._now.astimezone(zone_named(clinic.zone)).date()
            for ahead in range(-self._extent.days_back, self._extent.days_ahead + 1):
                self._day(clinic, today + timedelta(days=ahead), ahead)
        return Diary(self._people.all, self._visits)

    def _regular(self, clinic: Clinic) -> None:
        """Somebody with a course behind them: some are half way through their package, some through all of it."""
        person = self._people.new(clinic, self._random.choice(COURSES[:2]))
        person.package_size = self._random.choice((3, 4, 6))
        person.drifts = person.number % 2 == 0
        done = min(person.package_size, self._random.choice((1, 2, 3, 3)))
        today = self._now.astimezone(zone_named(clinic.zone)).date()
        last = _wednesday_before(today - timedelta(days=self._extent.days_back + 7 * self._random.randrange(4)))
        for step in reversed(range(done)):
            day = last - timedelta(days=COURSE_INTERVAL_DAYS * step)
            slot = self._lone_slot(person, day)
            if slot is not None and person.may_be_needled_on(slot.day):
                self._keep(slot, person, Fate.COMPLETED)
        person.checked = True  # long ago

    def _lone_slot(self, person: Person, day: date) -> Slot | None:
        """A time on one of the quiet days, at which regulars do not meet."""
        book = self._quiet_days.setdefault((person.clinic.code, day), DayBook(person.clinic, day))
        slots = (book.place(each, person.course, 9 * 60 + 60 * (person.number % 7)) for each in book.practitioners)
        return next((slot for slot in slots if slot is not None), None)

    def _day(self, clinic: Clinic, day: date, ahead: int) -> None:
        wanted = clinic.visits_a_day * (WEEKEND_SHARE if day.weekday() > 4 else 1)
        slots = sorted(DayBook(clinic, day).fill(round(wanted), self._random), key=lambda slot: slot.minute)
        for slot in slots:
            if self._random.random() <= _filled(ahead):
                self._cast(slot)

    def _cast(self, slot: Slot) -> None:
        """Find somebody for whom this visit is the next that makes sense, else somebody new."""
        person: Person | None = None
        if slot.treatment is FOLLOW_UP:
            person = next((each for each in self._at(slot.clinic) if each.needs_check_on(slot.day)), None)
            if person is None:
                slot = _instead(slot)
        elif slot.treatment.needles:
            person = next(self._ready_for(slot), None)
        self._keep(slot, person or self._people.new(slot.clinic, _course(slot)), self._fate())

    def _ready_for(self, slot: Slot) -> Iterator[Person]:
        for person in self._at(slot.clinic):
            fits = person.course is slot.treatment and person.may_be_needled_on(slot.day)
            if fits and not person.drifts and slot.day not in person.seen:
                yield person

    def _at(self, clinic: Clinic) -> Iterator[Person]:
        return (person for person in self._people.all if person.clinic is clinic)

    def _fate(self) -> Fate:
        return self._random.choices([fate for fate, _ in FATES], [weight for _, weight in FATES])[0]

    def _keep(self, slot: Slot, person: Person, fate: Fate) -> None:
        booked_at = self._booked_at(slot, person)
        is_first = person.registered_at is None
        person.registered_at = person.registered_at or booked_at
        sells = self._sells(slot, person)
        person.seen.append(slot.day)
        if slot.treatment.needles:
            person.needled.append(slot.day)
            person.checked = fate is not Fate.COMPLETED
        elif slot.treatment is FOLLOW_UP:
            person.checked = True
        self._visits.append(Visit(len(self._visits), slot, person, fate, booked_at, is_first, sells))

    def _sells(self, slot: Slot, person: Person) -> int | None:
        """A package goes with the first needling of whoever wants one."""
        if not slot.treatment.needles or person.package_size is None or person.number in self._owners:
            return None
        self._owners.add(person.number)
        return person.package_size

    def _booked_at(self, slot: Slot, person: Person) -> datetime:
        """Some days before, while the clinic was open, and never later than now."""
        zone = zone_named(slot.clinic.zone)
        lead = self._random.randrange(1, LEAD_DAYS_MAX) if slot.day >= self._busy_from else 7
        day = min(slot.day - timedelta(days=lead), (self._now - timedelta(days=1)).astimezone(zone).date())
        moment = datetime.combine(day, time(9 + self._random.randrange(9), self._random.randrange(60)), tzinfo=zone)
        after = person.registered_at
        return max(moment, after + timedelta(minutes=5)) if after else moment


def _wednesday_before(day: date) -> date:
    """Regulars came on Wednesdays: few days of the long past have to be played."""
    return day - timedelta(days=(day.weekday() - 2) % 7 or 7)


def _filled(ahead: int) -> float:
    """How much of a day is booked: this week is full, the weeks before were getting there, those to come fill up."""
    if ahead > 0:
        return max(0.15, 0.8 - 0.06 * ahead)
    return next(share for days, share in ((-6, 1.0), (-13, 0.45), (ahead, 0.2)) if ahead >= days)


def _course(slot: Slot) -> Treatment | None:
    return slot.treatment if slot.treatment.needles else None


def _instead(slot: Slot) -> Slot:
    """Nobody needs a check: somebody new comes to ask, which takes as long."""
    return Slot(slot.clinic, slot.day, slot.minute, CONSULTATION, slot.practitioner, slot.room)
