"""The patients of the demo chain, and where each of them stands in a course of treatments."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from embedded.demo.names import Names, email_of, phone_of
from embedded.demo.stage import TREATMENTS, Clinic, Treatment

INTERVAL_DAYS = 28
"""Between two needlings of one patient (CL-22)."""
COURSES = tuple(treatment for treatment in TREATMENTS if treatment.needles)
PACKAGE_SHARE = 0.35
SIZES = (3, 4, 6)
NO_EMAIL_SHARE, OPTED_OUT_SHARE = 0.05, 0.04


@dataclass
class Person:
    """One patient; what changes here changes while the diary is written."""

    number: int
    given_name: str
    family_name: str
    email: str | None
    phone: str
    birth_date: date
    accepts_email: bool
    clinic: Clinic
    course: Treatment
    package_size: int | None
    """None: pays session by session."""
    drifts: bool = False
    """Stays away in the middle of their course, until somebody calls."""
    registered_at: datetime | None = None
    """When they first booked; None while nobody knows them."""
    needled: list[date] = field(default_factory=list)
    """Days of needlings, whatever became of them: they are kept apart by more than the rule asks for."""
    seen: list[date] = field(default_factory=list)
    """Days of all visits."""
    checked: bool = True
    """The last needling had its follow-up, or there was none yet."""

    def may_be_needled_on(self, day: date) -> bool:
        return all(abs((day - other).days) >= INTERVAL_DAYS for other in self.needled)

    def needs_check_on(self, day: date) -> bool:
        """A look at the skin, five to sixteen days after a needling."""
        return not self.checked and 5 <= (day - self.needled[-1]).days <= 16


class People:
    """Everybody, in the order in which they turned up."""

    def __init__(self, random: Random, today: date) -> None:
        self._random = random
        self._today = today
        self._names = Names(random)
        self.all: list[Person] = []

    def new(self, clinic: Clinic, course: Treatment | None = None) -> Person:
        """Somebody who was never here before."""
        random = self._random
        given, family = self._names.next()
        person = Person(
            number=len(self.all),
            given_name=given,
            family_name=family,
            email=None if random.random() < NO_EMAIL_SHARE else email_of(given, family),
            phone=phone_of(clinic.area_code, random.randrange(100)),
            birth_date=self._today - timedelta(days=random.randrange(22 * 365, 68 * 365)),
            accepts_email=random.random() >= OPTED_OUT_SHARE,
            clinic=clinic,
            course=course or random.choices(COURSES, [each.weight for each in COURSES])[0],
            package_size=random.choices(SIZES, (60, 25, 15))[0] if random.random() < PACKAGE_SHARE else None,
        )
        self.all.append(person)
        return person
