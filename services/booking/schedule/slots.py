"""Free starts by bitmaps: one integer per resource, one bit per five minutes, a visit fits where all bits agree.

Bit `i` of a mask stands for the five minutes from `first + 5 i` on. Free time is rounded inwards, taken time outwards.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from services.booking.schedule.hours import minutes_of
from services.booking.schedule.picking import Wish
from services.booking.schedule.segments import GRID_MINUTES, Plan, ResourceKind
from services.booking.schedule.setting import Setting, Spot, Tool
from services.booking.schedule.spans import Span, Stretches
from services.booking.schedule.wall_time import day_span, instants, local_of

STEP_MINUTES = 15
"""Distance of the starts that are shown (BK-04)."""
_CELL = timedelta(minutes=GRID_MINUTES)
_CELL_SECONDS = GRID_MINUTES * 60
_STEP_CELLS = STEP_MINUTES // GRID_MINUTES


Busy = Mapping[UUID, Stretches]
"""By resource: when it is taken."""
_NOTHING = Stretches()


class FreeStart(NamedTuple):
    """A time at which a visit can begin, and who and what would be free for it."""

    local_start: datetime
    starts_at: datetime
    ends_at: datetime
    practitioner_ids: tuple[UUID, ...]
    """Everyone free then; the first is the one that a booking without a wish would get."""
    room_id: UUID
    device_id: UUID | None


@dataclass(frozen=True, slots=True)
class _Grid:
    first: datetime
    cells: int

    @property
    def first_second(self) -> int:
        return int(self.first.timestamp())

    def free(self, spans: Iterable[Span]) -> int:
        """Bits that lie wholly inside the spans."""
        first = self.first
        return self._bits([(-((first - starts) // _CELL), (ends - first) // _CELL) for starts, ends in spans])

    def taken(self, busy: Stretches) -> int:
        """Bits that touch the stretches."""
        first, cell = self.first_second, _CELL_SECONDS
        ranges = zip(busy.starts, busy.ends, strict=True)
        return self._bits([((starts - first) // cell, -((first - ends) // cell)) for starts, ends in ranges])

    def _bits(self, ranges: Iterable[tuple[int, int]]) -> int:
        """Written as digits and read as a number: quicker than to shift a long number for each range."""
        cells = self.cells
        digits = bytearray(b"0" * cells)
        for low, high in ranges:
            if 0 <= low <= high <= cells:
                digits[cells - high : cells - low] = b"1" * (high - low)
            elif (begin := max(0, low)) < (end := min(cells, high)):
                digits[cells - end : cells - begin] = b"1" * (end - begin)
        return int(digits, 2)

    def all(self) -> int:
        return (1 << self.cells) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where, for what and on which days free starts are looked for."""

    setting: Setting
    plan: Plan
    days: Sequence[date]
    taken: Busy
    not_before: datetime
    wish: Wish = field(default_factory=Wish)
    patient_id: UUID | None = None
    """Somebody who has to be free as well."""

    @property
    def zone(self) -> str:
        return self.setting.place.zone

    def grid(self) -> _Grid:
        first, last = day_span(self.days[0], self.zone)[0], day_span(self.days[-1], self.zone)[1]
        return _Grid(first, (last - first) // _CELL + 24 * 60 // GRID_MINUTES)  # cleaning may last beyond midnight

    def starts(self, free: int, kind: ResourceKind) -> int:
        """Bits at which a visit may begin, as far as a resource with this free time is concerned."""
        first, last = self.plan.needs()[kind]
        return _runs(free, (last - first) // GRID_MINUTES) >> (first // GRID_MINUTES)


def free_starts(search: Search) -> Iterator[FreeStart]:
    """Every start on these days, in order, on the quarter hours of the wall clock; worked out day by day."""
    grid = search.grid()
    rooms = _starts(search, grid, ResourceKind.ROOM, search.setting.rooms, wished=search.wish.room_id)
    devices = _starts(search, grid, ResourceKind.DEVICE, search.setting.tools) if search.plan.uses_device else {}
    workers = _workers(search, grid)
    common = _common(search, grid) & _union(rooms) & _union(workers)
    loads = {id_: sorted(search.taken.get(id_, _NOTHING).starts) for id_ in workers}
    for day in search.days:
        serviced = {tool.id: devices[tool.id] for tool in search.setting.tools if _usable(search, tool, day)}
        possible = common & _open_starts(search, grid, day)
        if search.plan.uses_device:
            possible &= _union(serviced)
        if possible:
            by_load = {id_: workers[id_] for id_ in _by_load(loads, Span(*day_span(day, search.zone)))}
            yield from _of_day(search, _Day.of(search, grid, day), possible, (by_load, rooms, serviced))


@dataclass(frozen=True, slots=True)
class _Day:
    """One day of the grid: where it begins, and what the clock shows there as long as nobody turns it."""

    first: datetime
    midnight: datetime
    cell: int
    cells: int
    is_even: bool
    """24 hours long."""

    @classmethod
    def of(cls, search: Search, grid: _Grid, day: date) -> "_Day":
        first, last = day_span(day, search.zone)
        cells = (last - first) // _CELL
        midnight = datetime.combine(day, time.min)
        return cls(first, midnight, (first - grid.first) // _CELL, cells, is_even=last - first == timedelta(days=1))

    def cut(self, masks: Mapping[UUID, int]) -> list[tuple[UUID, int]]:
        """The bits of this day alone: small numbers are quick to look at one by one."""
        whole = (1 << self.cells) - 1
        return [(id_, mask >> self.cell & whole) for id_, mask in masks.items()]


def _of_day(
    search: Search, day: _Day, possible: int, masks: tuple[Mapping[UUID, int], Mapping[UUID, int], Mapping[UUID, int]]
) -> Iterator[FreeStart]:
    workers, rooms, devices = (day.cut(each) for each in masks)
    lasts = timedelta(minutes=search.plan.patient_minutes)
    for cell in _bits_of(possible >> day.cell):
        bit, passed = 1 << cell, cell * _CELL
        starts_at = day.first + passed
        yield FreeStart(
            local_start=day.midnight + passed if day.is_even else local_of(starts_at, search.zone),
            starts_at=starts_at,
            ends_at=starts_at + lasts,
            practitioner_ids=tuple([id_ for id_, mask in workers if mask & bit]),
            room_id=_first(rooms, bit),
            device_id=_first(devices, bit) if devices else None,
        )


def _first(masks: Sequence[tuple[UUID, int]], bit: int) -> UUID:
    for id_, mask in masks:
        if mask & bit:
            return id_
    raise LookupError(bit)  # a start is only possible where each kind of resource has one


def _common(search: Search, grid: _Grid) -> int:
    """What holds whoever and whatever is chosen: not over yet, a bay is free, the patient is free."""
    over = max(0, -((grid.first - search.not_before) // _CELL))
    common = grid.all() & ~((1 << over) - 1)
    if ResourceKind.NUMBING_BAY in search.plan.needs():
        common &= _union(_starts(search, grid, ResourceKind.NUMBING_BAY, search.setting.bays))
    if search.patient_id is not None:
        busy = grid.taken(search.taken.get(search.patient_id, _NOTHING))
        common &= search.starts(grid.all() & ~busy, ResourceKind.PATIENT)
    return common


def _starts(
    search: Search,
    grid: _Grid,
    kind: ResourceKind,
    things: Sequence[Spot] | Sequence[Tool],
    *,
    wished: UUID | None = None,
) -> dict[UUID, int]:
    return {
        thing.id: search.starts(grid.all() & ~grid.taken(search.taken.get(thing.id, _NOTHING)), kind)
        for thing in things
        if wished in {None, thing.id}
    }


def _workers(search: Search, grid: _Grid) -> dict[UUID, int]:
    modality = search.setting.offer.modality
    found = {}
    for worker in search.setting.workers:
        if search.wish.practitioner_id in {None, worker.id}:
            allowed = [day for day in search.days if worker.may(modality, day)]
            there = grid.free(span for day in allowed for span in worker.works(day, search.zone))
            free = there & ~grid.taken(search.taken.get(worker.id, _NOTHING))
            found[worker.id] = search.starts(free, ResourceKind.PRACTITIONER)
    return found


def _usable(search: Search, tool: Tool, day: date) -> bool:
    return search.plan.uses_device and day <= tool.serviced_until


def _open_starts(search: Search, grid: _Grid, day: date) -> int:
    """Quarter hours of the wall clock from which the whole visit lies within the opening hours."""
    hours = search.setting.place.hours.on(day)
    opening = search.setting.place.hours.span(day, search.zone)
    if hours is None or opening is None:
        return 0
    opens, closes = minutes_of(hours[0]), minutes_of(hours[1])
    first = -(-opens // STEP_MINUTES) * STEP_MINUTES
    if opening.ends - opening.starts == timedelta(minutes=closes - opens):  # the clocks do not change meanwhile
        begin = (opening.starts - grid.first) // _CELL + (first - opens) // GRID_MINUTES
        count = max(0, -(-(closes - first) // STEP_MINUTES))
        quarters = ((1 << (_STEP_CELLS * count)) - 1) // ((1 << _STEP_CELLS) - 1) << begin
    else:
        midnight = datetime.combine(day, time.min)
        walls = (midnight + timedelta(minutes=each) for each in range(first, closes, STEP_MINUTES))
        quarters = sum(1 << cell for cell in _told_apart(walls, search.zone, grid))
    return search.starts(grid.free([opening]), ResourceKind.PATIENT) & quarters


def _told_apart(walls: Iterable[datetime], zone: str, grid: _Grid) -> Iterator[int]:
    """Where these wall times are; one that is skipped or comes twice is not offered."""
    for wall in walls:
        found = instants(wall, zone)
        if len(found) == 1:
            yield (found[0] - grid.first) // _CELL


def _by_load(loads: Mapping[UUID, Sequence[int]], day: Span) -> list[UUID]:
    """Those with least to do that day first, equal ones by name, as `picking` does it."""
    begins, ends = day.starts.timestamp(), day.ends.timestamp()
    return sorted(loads, key=lambda id_: bisect_left(loads[id_], ends) - bisect_left(loads[id_], begins))


def _runs(free: int, length: int) -> int:
    """Bits from which on `length` bits are set."""
    have = 1
    while have < length:
        step = min(have, length - have)
        free &= free >> step
        have += step
    return free


def _union(masks: Mapping[UUID, int]) -> int:
    found = 0
    for mask in masks.values():
        found |= mask
    return found


def _bits_of(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
