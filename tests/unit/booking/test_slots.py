"""The bitmaps find exactly the starts that trying every quarter hour one by one finds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from contracts.values import Modality
from services.booking.schedule.hours import AbsenceRule, Hours, ShiftRule
from services.booking.schedule.picking import SlotTaken, Taken, Wish, is_free, pick
from services.booking.schedule.segments import Plan, ResourceKind
from services.booking.schedule.setting import Offer, Place, Setting, Spot, Tool, Worker
from services.booking.schedule.slots import Busy, FreeStart, Search, free_starts
from services.booking.schedule.spans import Span, Stretches
from services.booking.schedule.wall_time import day_span, instants

PATIENT = UUID(int=999)
MONDAY = date(2027, 11, 1)
"""The clocks of New York are put back on the Sunday after."""
SPRING = date(2027, 3, 8)
ZONES = ("America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago")
LONG_AGO = datetime(2027, 1, 1, tzinfo=UTC)

fives = some.integers(0, 287).map(lambda five: five * 5)


def a_setting(zone: str, *, workers: tuple[Worker, ...], tools: tuple[Tool, ...], hours: tuple[str, str]) -> Setting:
    opening = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), hours)
    return Setting(
        place=Place(UUID(int=1), zone, UUID(int=2), Hours(opening, {"2027-11-03": None}), active=True),
        offer=Offer(UUID(int=3), "pen", "Pen", Modality.PEN, PLAN, active=True),
        workers=workers,
        rooms=(Spot(UUID(int=10), "Room 1"), Spot(UUID(int=11), "Room 2")),
        bays=(Spot(UUID(int=20), "Bay 1"),),
        tools=tools,
    )


PLAN = Plan(checkin=5, numbing=20, procedure=30, aftercare=10, cleaning=15)


@some.composite
def settings_(draw: some.DrawFn) -> Setting:
    first = draw(some.integers(0, 12)) * 60
    last = draw(some.integers(first // 60 + 2, 23)) * 60
    workers = tuple(
        Worker(
            UUID(int=100 + number),
            f"Nurse {number}",
            draw(some.sampled_from([None, MONDAY + timedelta(days=2), date(2030, 1, 1)])),
            tuple(_shift(draw) for _ in range(draw(some.integers(1, 4)))),
            tuple(_absence(draw) for _ in range(draw(some.integers(0, 1)))),
        )
        for number in range(draw(some.integers(1, 3)))
    )
    tools = tuple(
        Tool(UUID(int=30 + number), f"Pen {number}", draw(some.sampled_from([MONDAY, date(2030, 1, 1)])))
        for number in range(draw(some.integers(0, 2)))
    )
    hours = (f"{first // 60:02d}:{draw(some.sampled_from(['00', '20']))}", f"{last // 60:02d}:00")
    return a_setting(draw(some.sampled_from(ZONES)), workers=workers, tools=tools, hours=hours)


def _shift(draw: some.DrawFn) -> ShiftRule:
    starts = draw(some.integers(0, 15)) * 60
    ends = min(23 * 60, starts + draw(some.integers(1, 12)) * 60)
    return ShiftRule(weekday=draw(some.integers(0, 6)), day=None, starts=starts, ends=max(ends, starts + 5))


def _absence(draw: some.DrawFn) -> AbsenceRule:
    return AbsenceRule(MONDAY + timedelta(days=draw(some.integers(0, 6))), 600, 720)


@some.composite
def occupied(draw: some.DrawFn) -> Taken:
    resources = [UUID(int=each) for each in (10, 11, 20, 30, 31, 100, 101, 102, 999)]
    midnight = datetime.combine(draw(some.sampled_from([MONDAY, SPRING])), time.min, tzinfo=UTC)
    return {
        id_: [
            _span(draw, midnight + timedelta(days=draw(some.integers(0, 6)))) for _ in range(draw(some.integers(0, 5)))
        ]
        for id_ in resources
    }


def _span(draw: some.DrawFn, midnight: datetime) -> Span:
    begin = midnight + timedelta(minutes=draw(fives))
    return Span(begin, begin + timedelta(minutes=draw(some.sampled_from([5, 30, 95, 400]))))


def in_numbers(taken: Taken) -> Busy:
    return {id_: Stretches.of(spans) for id_, spans in taken.items()}


def one_by_one_taken(search: Search) -> Taken:
    return {id_: stretches.spans() for id_, stretches in search.taken.items()}


def one_by_one(search: Search) -> Iterator[tuple[datetime, datetime, set[UUID]]]:
    """Every quarter hour of every day, tried with plain comparisons."""
    for day in search.days:
        for minutes in range(0, 24 * 60, 15):
            wall = datetime.combine(day, time.min) + timedelta(minutes=minutes)
            found = instants(wall, search.setting.place.zone)
            if len(found) == 1 and found[0] >= search.not_before:
                yield wall, found[0], _could_do_it(search, day, found[0])


def _could_do_it(search: Search, day: date, starts_at: datetime) -> set[UUID]:
    here, spans, taken = search.setting, search.plan.spans(starts_at), one_by_one_taken(search)
    opening = here.place.hours.span(day, here.place.zone)
    if opening is None or not opening.covers(spans[ResourceKind.PATIENT]):
        return set()
    pools: dict[ResourceKind, tuple[Spot, ...] | tuple[Tool, ...]] = {
        ResourceKind.ROOM: here.rooms,
        ResourceKind.NUMBING_BAY: here.bays,
        ResourceKind.DEVICE: tuple(tool for tool in here.tools if day <= tool.serviced_until),
    }
    for kind, pool in pools.items():
        if kind in spans and not any(is_free(each.id, spans[kind], taken) for each in pool):
            return set()
    if search.patient_id and not is_free(search.patient_id, spans[ResourceKind.PATIENT], taken):
        return set()
    return {worker.id for worker in here.workers if _can(worker, search, day, spans[ResourceKind.PRACTITIONER])}


def _can(worker: Worker, search: Search, day: date, span: Span) -> bool:
    there = any(each.covers(span) for each in worker.works(day, search.setting.place.zone))
    return there and worker.may(Modality.PEN, day) and is_free(worker.id, span, one_by_one_taken(search))


@some.composite
def searches(draw: some.DrawFn) -> Search:
    first = draw(some.sampled_from([MONDAY, SPRING]))
    return Search(
        setting=draw(settings_()),
        plan=PLAN,
        days=[first + timedelta(days=each) for each in range(7)],
        taken=in_numbers(draw(occupied())),
        not_before=datetime.combine(first, time.min, tzinfo=UTC) + timedelta(hours=draw(some.integers(-12, 150))),
        patient_id=draw(some.sampled_from([None, PATIENT])),
    )


@settings(max_examples=150, deadline=None)
@given(searches())
def test_bitmaps_find_what_trying_one_by_one_finds(search: Search) -> None:
    found = [(each.local_start, each.starts_at, set(each.practitioner_ids)) for each in free_starts(search)]

    assert found == [each for each in one_by_one(search) if each[2]]


@settings(max_examples=100, deadline=None)
@given(settings_(), occupied())
def test_a_free_start_is_what_a_booking_would_get(setting: Setting, taken: Taken) -> None:
    days = [MONDAY + timedelta(days=each) for each in range(7)]
    search = Search(setting=setting, plan=PLAN, days=days, taken=in_numbers(taken), not_before=LONG_AGO)

    for free in list(free_starts(search))[:20]:
        day = free.local_start.date()
        choice = pick(setting, PLAN, free.starts_at, day, taken=_of_day(taken, day, setting), wish=Wish())
        assert (choice.practitioner.id, choice.room.id, choice.device_id) == (
            free.practitioner_ids[0],
            free.room_id,
            free.device_id,
        )


def _of_day(taken: Taken, day: date, setting: Setting) -> Taken:
    """What a booking looks at: the claims that touch the local day."""
    whole = Span(*day_span(day, setting.place.zone))
    return {id_: [each for each in spans if each.overlaps(whole)] for id_, spans in taken.items()}


def a_worker(number: int) -> Worker:
    shift = ShiftRule(weekday=0, day=None, starts=540, ends=1020)
    return Worker(UUID(int=100 + number), f"Nurse {number}", date(2030, 1, 1), (shift,), ())


PENS = (Tool(UUID(int=30), "Pen 0", date(2030, 1, 1)), Tool(UUID(int=31), "Pen 1", date(2030, 1, 1)))
OPEN = ("09:00", "17:00")


def on_monday(taken: Taken, wish: Wish | None = None) -> list[FreeStart]:
    setting = a_setting("America/New_York", workers=(a_worker(0), a_worker(1)), tools=PENS, hours=OPEN)
    busy, wish = in_numbers(taken), wish or Wish()
    search = Search(setting=setting, plan=PLAN, days=[MONDAY], taken=busy, not_before=LONG_AGO, wish=wish)
    return list(free_starts(search))


def test_an_empty_day_offers_every_quarter_of_an_hour_that_ends_in_time() -> None:
    found = on_monday({})

    assert found[0].local_start.time() == time(9)
    assert found[-1].local_start.time() == time(15, 45)
    assert len(found) == 28


def test_who_has_less_to_do_is_offered_first() -> None:
    begin = datetime(2027, 11, 1, 18, tzinfo=UTC)
    busy = {UUID(int=100): [Span(begin, begin + timedelta(minutes=30))]}

    assert {each.practitioner_ids[0] for each in on_monday(busy)} == {UUID(int=101)}


def test_a_wish_leaves_the_others_out() -> None:
    assert {each.practitioner_ids for each in on_monday({}, Wish(UUID(int=100)))} == {(UUID(int=100),)}


def test_one_bay_lets_one_patient_numb_at_a_time() -> None:
    begin = datetime(2027, 11, 1, 14, 5, tzinfo=UTC)
    numbing = {UUID(int=20): [Span(begin, begin + timedelta(minutes=20))]}

    assert time(10) not in {each.local_start.time() for each in on_monday(numbing)}
    assert time(10, 30) in {each.local_start.time() for each in on_monday(numbing)}


def test_a_booking_of_a_time_that_is_taken_names_what_is_missing() -> None:
    setting = a_setting("America/New_York", workers=(a_worker(0),), tools=PENS, hours=OPEN)
    start = datetime(2027, 11, 1, 14, tzinfo=UTC)
    rooms = {UUID(int=each): [Span(start, start + timedelta(hours=2))] for each in (10, 11)}

    with pytest.raises(SlotTaken) as refusal:
        pick(setting, PLAN, start, MONDAY, taken=rooms, wish=Wish())

    assert refusal.value.fields["resource"] == "room"


def test_a_time_that_the_clocks_skip_or_show_twice_is_not_offered() -> None:
    nights = ShiftRule(weekday=6, day=None, starts=0, ends=360)
    owl = Worker(UUID(int=100), "Night owl", date(2030, 1, 1), (nights,), ())
    setting = a_setting("America/New_York", workers=(owl,), tools=PENS, hours=("00:00", "06:00"))
    spring, autumn = SPRING + timedelta(days=6), MONDAY + timedelta(days=6)

    search = Search(setting=setting, plan=PLAN, days=[autumn], taken={}, not_before=LONG_AGO)
    in_autumn = [each.local_start.time() for each in free_starts(search)]
    in_spring = [each.local_start.time() for each in free_starts(replace(search, days=[spring]))]

    assert [each.hour for each in in_autumn].count(1) == 0
    assert [each.hour for each in in_spring].count(2) == 0
    assert time(0, 45) in in_autumn
    assert time(3) in in_spring
