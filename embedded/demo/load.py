"""Plays the whole diary: opens the clinics, then lets day after day pass on a clock of its own.

Every few hours of the story the facts are relayed and the timers run, so that messages go out, sessions are redeemed
and stock is taken at the time they would have been.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from chassis import timers
from chassis.clock import ManualClock
from chassis.context import Context
from chassis.service import Service
from embedded.chain import Chain
from embedded.contents import Account
from embedded.demo import diary, happenings
from embedded.demo.acts import Cast, Desk, Till
from embedded.demo.diary import Diary, Extent
from embedded.demo.happenings import Happening, What
from embedded.demo.opening_day import Known, Owner, build_up
from embedded.demo.people import Person
from embedded.demo.stage import OWNER, PASSWORD, TEAM
from embedded.demo.supply import stock_up
from services.notifications import app as notifications
from services.notifications.messages.judging import Contact
from services.notifications.settings import NotificationsSettings

WHOLE_STORY = Extent()
Advance = Callable[[int, int], None]
"""Told how much is done, of how much."""
STOPS = (time(0, 30), time(17))
"""UTC: evening at one coast and afternoon at the other, then noon and morning."""
LONG_AGO_STOPS = (time(19),)
RECENT_DAYS = 7
FOLLOWS_DAYS = (-3, -1, 0, 1, 3, 7)
"""When a visit has something said about it: reminders before, aftercare behind (NT-21, NT-25)."""
SETTING_UP = 600
"""What opening day counts on the progress bar, compared with one thing that happens."""


@dataclass(frozen=True, slots=True)
class Story:
    """Which story, seen from which moment."""

    seed: int
    now: datetime
    extent: Extent = WHOLE_STORY


async def load(services: Mapping[str, Service], *, story: Story, advance: Advance) -> tuple[Account, ...]:
    """Fill empty databases; returns who can sign in."""
    book = diary.write(story.seed, story.now, story.extent)
    player = _Player(services, book, happenings.until(book, story.now, story.seed), story.now)
    try:
        await player.play(advance)
    finally:
        await player.stop()
    return tuple(Account(email=each.email, password=PASSWORD, label=each.label) for each in (OWNER, *TEAM))


class _Player:
    def __init__(self, services: Mapping[str, Service], book: Diary, happened: list[Happening], now: datetime) -> None:
        self._now = now
        self._book = book
        self._happened = happened
        self._clock = ManualClock(happened[0].at - timedelta(days=2))
        self._cast = Cast()
        self._people = {person.number: person for person in book.people}
        self._contacts: dict[UUID, Contact] = {}
        self._chain = Chain({**services, "notifications": self._notifications(services)}, clock=self._clock)
        self._chain.carrier.look_on(self._cast.hear)
        self._owner = Owner(self._chain)

    async def play(self, advance: Advance) -> None:
        total, done = len(self._happened) + SETTING_UP, SETTING_UP
        advance(0, total)
        known = await self._open()
        advance(done, total)
        desk = Desk(self._chain.running["booking"], known, self._cast)
        till = Till(self._chain.running["billing"], known, self._cast)
        for stop, happened in _between(self._happened, self._stops()):
            self._clock.set(stop)
            await self._let_happen(happened, desk, till)
            done += len(happened)
            advance(done, total)
        for running in self._chain.running.values():
            for timer in running.service.timers:
                await timers.run_once(running.context, timer)
        await self._chain.settle()

    async def stop(self) -> None:
        await self._owner.close()
        await self._chain.stop()

    async def _open(self) -> Known:
        first_day, last_day = self._clock.now().date(), self._now.date()
        known = await build_up(self._chain, self._owner, first_day, valid_until=last_day + timedelta(days=400))
        await stock_up(self._owner, known, self._book.visits, last_day)
        await self._chain.settle()
        return known

    def _stops(self) -> Iterator[datetime]:
        """The moments at which the story pauses for what follows; the last one is now."""
        first, recent = self._clock.now(), self._now.date() - timedelta(days=RECENT_DAYS)
        eventful = {each.at.date() for each in self._happened}
        eventful |= {visit.slot.day + timedelta(days=days) for visit in self._book.visits for days in FOLLOWS_DAYS}
        for day in sorted(eventful):
            for clock in LONG_AGO_STOPS if day < recent else STOPS:
                stop = datetime.combine(day, clock, tzinfo=UTC)
                if first < stop < self._now:
                    yield stop
        yield self._now

    async def _let_happen(self, happened: list[Happening], desk: Desk, till: Till) -> None:
        """One transaction for each clinic, then everything that follows from it."""
        by_clinic = sorted(happened, key=lambda each: each.visit.slot.clinic.code)
        for _, group in groupby(by_clinic, key=lambda each: each.visit.slot.clinic.code):
            await desk.play(group)
        await self._chain.settle()
        await till.sell([each for each in happened if each.what is What.SELL])
        await till.collect(self._clock.now())
        await self._chain.settle()
        await self._send_messages()

    async def _send_messages(self) -> None:
        self._meet()
        running = self._chain.running["notifications"]
        for timer in running.service.timers:
            await timers.run_once(running.context, timer)
        await self._chain.settle()

    def _meet(self) -> None:
        """Contact details of everybody who is a patient by now."""
        for number, id_ in self._cast.patients.items():
            if id_ not in self._contacts:
                self._contacts[id_] = _contact(self._people[number])

    def _notifications(self, services: Mapping[str, Service]) -> Service:
        """The same service, told contact details by the story instead of asking booking a thousand times."""
        settings: Any = services["notifications"].settings
        assert isinstance(settings, NotificationsSettings)  # noqa: S101 - it was built with them

        async def ask(_: Context, patient_ids: Iterable[UUID]) -> dict[UUID, Contact | None]:
            return {id_: self._contacts.get(id_) for id_ in patient_ids}

        return notifications.build(settings, ask=ask)


def _contact(person: Person) -> Contact:
    return Contact(
        given_name=person.given_name, email=person.email, zone=person.clinic.zone, accepts_email=person.accepts_email
    )


def _between(happened: list[Happening], stops: Iterator[datetime]) -> Iterator[tuple[datetime, list[Happening]]]:
    """What happened up to each stop since the one before."""
    begun = 0
    for stop in stops:
        end = begun
        while end < len(happened) and happened[end].at <= stop:
            end += 1
        yield stop, happened[begun:end]
        begun = end
