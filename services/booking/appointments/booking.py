"""Finding a place for a visit: at booking and at moving the same rules hold (BK-20)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from chassis.db import Tx
from chassis.errors import NotFound, Refused
from services.booking.appointments import queries
from services.booking.appointments.interval import must_keep_interval
from services.booking.appointments.queries import Standing
from services.booking.schedule import queries as schedule
from services.booking.schedule import usecases as claims
from services.booking.schedule.picking import Choice, SlotTaken, Wish, is_free, pick
from services.booking.schedule.segments import Plan, ResourceKind
from services.booking.schedule.setting import Setting
from services.booking.schedule.slots import FreeStart, Search, free_starts
from services.booking.schedule.wall_time import day_span, resolve

PAST_MINUTES_MAX = 15
"""Somebody who walks in is booked at the quarter hour that has begun."""
AHEAD_DAYS_MAX = 730
ALTERNATIVE_DAYS = 14
ALTERNATIVES_MAX = 5


class StartsInPast(Refused):
    """This time is over. Choose a later one."""


class TooFarAhead(Refused):
    """Visits can be booked up to two years ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A visit that is wanted: for whom, where, when, and what the caller insists on."""

    patient_id: UUID
    location_id: UUID
    treatment: str
    local_start: datetime
    fold: int | None = None
    wish: Wish = field(default_factory=Wish)
    plan: Plan | None = None
    """None: the treatment's own; else the one it was booked with."""
    ignores_interval: bool = False
    but: UUID | None = None
    """The visit that is being moved does not stand in its own way."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where, when and with whom a visit will be; everything in it is locked."""

    setting: Setting
    plan: Plan
    starts_at: datetime
    choice: Choice
    patient: Standing

    @property
    def ends_at(self) -> datetime:
        """When the patient leaves (BK-08)."""
        return self.choice.spans[ResourceKind.PATIENT].ends


async def find_place(tx: Tx, request: Request, *, now: datetime) -> Place:
    """Lock what may be chosen, look, choose. Raises the reason when it can't be had."""
    day = request.local_start.date()
    candidates = await _candidates(tx, request)
    locked = await claims.lock(tx, candidates)
    # Not before: who had the lock before us may have written an absence, for which we have just waited.
    setting = (await _setting(tx, request)).only(candidates)
    starts_at = resolve(request.local_start, setting.place.zone, request.fold)
    _must_be_bookable(starts_at, now)
    if request.patient_id not in locked:
        raise NotFound(kind="patient", id=str(request.patient_id))
    plan = setting.plan_here(request.plan or setting.offer.plan)
    taken = await schedule.occupied(tx, candidates, *day_span(day, setting.place.zone), but=request.but)
    patient = await queries.standing(tx, request.patient_id, starts_at=starts_at, day=day, but=request.but)
    if setting.offer.modality.needles and not request.ignores_interval:
        must_keep_interval(day, patient.sessions)
    try:
        choice = pick(setting, plan, starts_at, day, taken=taken, wish=request.wish)
        if not is_free(request.patient_id, choice.spans[ResourceKind.PATIENT], taken):
            raise SlotTaken(resource=ResourceKind.PATIENT.value, alternatives=[])
    except SlotTaken as refusal:
        nearest = await _alternatives(tx, setting, request, starts_at=starts_at, now=now)
        raise SlotTaken(resource=refusal.fields["resource"], alternatives=nearest) from None
    return Place(setting, plan, starts_at, choice, patient)


async def _setting(tx: Tx, request: Request) -> Setting:
    day = request.local_start.date()
    last = day + timedelta(days=ALTERNATIVE_DAYS)
    is_booked = request.but is not None
    return await schedule.setting(tx, request.location_id, request.treatment, first=day, last=last, is_booked=is_booked)


def _must_be_bookable(starts_at: datetime, now: datetime) -> None:
    if starts_at < now - timedelta(minutes=PAST_MINUTES_MAX):
        raise StartsInPast
    if starts_at > now + timedelta(days=AHEAD_DAYS_MAX):
        raise TooFarAhead


async def _candidates(tx: Tx, request: Request) -> set[UUID]:
    """Whatever the choice may fall on, and the patient: all of it is locked before anything is looked at."""
    found = await schedule.candidates(tx, request.location_id, request.treatment, request.wish)
    return {request.patient_id, *found}


async def _alternatives(
    tx: Tx, setting: Setting, request: Request, *, starts_at: datetime, now: datetime
) -> list[dict[str, str]]:
    """The free starts nearest to the wanted one, for the same wish: that day first, then the next two weeks."""
    first_day: date = request.local_start.date()
    days = [first_day + timedelta(days=each) for each in range(ALTERNATIVE_DAYS)]
    first, last = day_span(days[0], setting.place.zone)[0], day_span(days[-1], setting.place.zone)[1]
    taken = await schedule.busy(tx, {*setting.resource_ids(), request.patient_id}, first, last, but=request.but)
    search = Search(
        setting=setting,
        plan=setting.plan_here(request.plan or setting.offer.plan),
        days=days,
        taken=taken,
        not_before=now,
        wish=request.wish,
        patient_id=request.patient_id,
    )
    nearest = sorted(_first_days(free_starts(search)), key=lambda each: abs(each.starts_at - starts_at))
    return [_shown(each) for each in sorted(nearest[:ALTERNATIVES_MAX], key=lambda each: each.starts_at)]


def _first_days(free: Iterable[FreeStart]) -> Iterator[FreeStart]:
    """Whole days until there is enough to choose from."""
    count = 0
    for _, of_day in groupby(free, key=lambda each: each.local_start.date()):
        for each in of_day:
            count += 1
            yield each
        if count >= ALTERNATIVES_MAX:
            return


def _shown(free: FreeStart) -> dict[str, str]:
    return {
        "local_start": free.local_start.isoformat(),
        "starts_at": free.starts_at.isoformat(),
        "practitioner_id": str(free.practitioner_ids[0]),
    }
