"""Row `book`: eight desks book visits over HTTP, beside the same statements sent by asyncpg."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import asyncpg
import httpx

from bench import load, replay
from bench.caller import Caller
from bench.clinics import Clinic, Visit, open_clinics, visits
from bench.finding import Finding, Kind, Target, Unit
from bench.ground import Ground, ground
from bench.replay import Statement
from bench.row import Bench, Row
from chassis.clock import SystemClock, new_id
from chassis.process import NothingToRelay
from chassis.run import Running
from chassis.service import Service

DESKS = 8
PATIENTS = 1100
"""So many at each desk that nobody comes again within 28 days."""
PREPARED_PER_SECOND = 800
"""Bookings of one bare desk that are put together before the clock runs: more than it can send."""
FLOOR = "the same statements in a transaction each, sent by asyncpg over as many connections, without HTTP"


async def measure(bench: Bench) -> Sequence[Finding]:
    stands = ground(bench)
    service = await stands.migrated("booking")
    db = stands.database(service)
    desks, first = bench.sized(1, DESKS, DESKS), SystemClock().now().date() + timedelta(days=2)
    bench.tell("opening the clinics")
    clinics = await open_clinics(db, 2 * desks + 1, patients=bench.sized(100, 400, PATIENTS))
    await stands.settle(service)
    sample = next(visits(clinics[-1], first))
    statements = await _booked_once(stands, service, sample)
    bare = [BareDesk(await stands.bare(service), visits(each, first), (sample, statements)) for each in clinics[:desks]]
    ours = await _desks(stands, service, clinics[desks:-1], first)

    async def round_of_ours() -> float:
        return await load.rate([each.book for each in ours], seconds=bench.round_seconds)

    async def round_of_floor() -> float:
        for each in bare:
            each.prepare(int(PREPARED_PER_SECOND * bench.round_seconds))
        return await load.rate([each.book for each in bare], seconds=bench.round_seconds)

    await round_of_ours()  # nobody has asked this process for anything yet
    found = await bench.in_turn(round_of_ours, round_of_floor)
    what, target = f"book over HTTP, {desks} desks", Target(kind=Kind.RATIO, least=0.6)
    return [found.finding(what, Unit.PER_SECOND, floor_is=FLOOR, target=target)]


ROW = Row("book", measure)


class Desk:
    """Books one visit after the other, as the front end does."""

    def __init__(self, caller: Caller, free: Iterator[Visit]) -> None:
        self._caller = caller
        self._free = free

    async def book(self) -> None:
        await self._caller.post("/appointments", next(self._free).body(), key=str(new_id()))


async def _desks(stands: Ground, service: Service, clinics: Sequence[Clinic], first: date) -> list[Desk]:
    url, token = (await stands.served(service)).url, stands.token("front_desk")
    callers = [await Caller.to(url, authorization=f"Bearer {token}") for _ in clinics]
    for each in callers:
        stands.bench.stack.push_async_callback(each.close)
    return [Desk(caller, visits(clinic, first)) for caller, clinic in zip(callers, clinics, strict=True)]


class BareDesk:
    """Sends what one booking sent, for its own clinic, patients and times."""

    def __init__(
        self, connection: asyncpg.Connection, free: Iterator[Visit], sample: tuple[Visit, list[Statement]]
    ) -> None:
        self._connection = connection
        self._free = free
        self._booked, self._statements = sample
        self._prepared: list[list[Statement]] = []

    def prepare(self, count: int) -> None:
        """Put together what is missing of so many bookings."""
        missing = count - len(self._prepared)
        self._prepared[:0] = reversed([self._altered(next(self._free)) for _ in range(missing)])

    async def book(self) -> None:
        await replay.done_again(self._connection, self._prepared.pop())

    def _altered(self, visit: Visit) -> list[Statement]:
        other = _instead(self._booked, visit) | {each: str(new_id()) for each in _made(self._statements)}
        return replay.altered(self._statements, other, later=visit.local_start - self._booked.local_start)


async def _booked_once(stands: Ground, service: Service, visit: Visit) -> list[Statement]:
    """What one booking sends to the database: carried out by the service in this process."""
    running = Running(service, NothingToRelay(), keys=stands.signer.keys)
    stands.bench.stack.push_async_callback(running.close)
    headers = {"authorization": f"Bearer {stands.token('front_desk')}", "idempotency-key": str(new_id())}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=running.app), base_url="http://booking") as client:
        with replay.caught(running.context.db) as statements:
            (await client.post("/appointments", json=visit.body(), headers=headers)).raise_for_status()
    return statements


def _instead(booked: Visit, other: Visit) -> dict[str, str]:
    """Whose ids stand in the place of those of the visit that was booked, which was the first of its lane."""
    ours, theirs = booked.clinic, other.clinic
    found = {str(booked.patient_id): str(other.patient_id), str(ours.id): str(theirs.id)}
    for kind in ("practitioners", "rooms", "bays", "devices"):
        these, those = getattr(ours, kind), getattr(theirs, kind)
        found |= {str(this): str(those[(at + other.lane) % len(those)]) for at, this in enumerate(these)}
    return found


def _made(statements: Sequence[Statement]) -> list[str]:
    """The ids that were made for this booking: of its command, of itself, of its fact."""
    [command] = [each.values[1] for each in statements if "INSERT INTO answer" in each.text]
    [visit] = [each.values[0] for each in statements if "INSERT INTO appointment" in each.text]
    [[fact]] = [each.values[0] for each in statements if "INSERT INTO outbox" in each.text]
    return [str(each) for each in (command, visit, fact)]
