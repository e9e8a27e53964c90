"""Fits visits into one day of one clinic, so that nothing is used twice at the same time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from embedded.demo.stage import PRACTITIONERS, TREATMENTS, Clinic, Practitioner, Treatment

GRID_MINUTES = 15
DEVICE_TURNAROUND = 5
GAPS = (0, 0, 5, 10, 20)
"""Minutes between two patients of a practitioner."""
LONG_DAY_MINUTES = 10 * 60
LATE_SHIFT_MINUTES = 3 * 60
"""On a long day every second practitioner begins this much later."""

Minutes = tuple[int, int]
"""From, up to and not including, counted from midnight."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that one visit can have."""

    clinic: Clinic
    day: date
    minute: int
    treatment: Treatment
    practitioner: Practitioner
    room: int

    @property
    def local_start(self) -> datetime:
        return datetime.combine(self.day, time()) + timedelta(minutes=self.minute)


@dataclass
class _Pool:
    """Interchangeable things: rooms, bays or devices."""

    taken: list[list[Minutes]]

    @classmethod
    def of(cls, count: int) -> "_Pool":
        return cls([[] for _ in range(count)])

    def free(self, wanted: Minutes) -> int | None:
        """The first one that is free for this long."""
        return next((number for number, spans in enumerate(self.taken) if _is_free(spans, wanted)), None)


def _is_free(spans: Iterable[Minutes], wanted: Minutes) -> bool:
    return all(wanted[1] <= first or last <= wanted[0] for first, last in spans)


def minutes_of(clock: time) -> int:
    return clock.hour * 60 + clock.minute


@dataclass
class DayBook:
    """One day of one clinic while it fills."""

    clinic: Clinic
    day: date
    practitioners: tuple[Practitioner, ...] = field(init=False)

    def __post_init__(self) -> None:
        hours = self.clinic.open_on(self.day)
        self._open, self._close = (minutes_of(hours[0]), minutes_of(hours[1])) if hours else (0, 0)
        here = (each for each in PRACTITIONERS if each.clinic is self.clinic)
        self.practitioners = tuple(each for each in here if hours and self.day.weekday() in each.days)
        self._hands: dict[str, list[Minutes]] = {each.name: [] for each in self.practitioners}
        self._rooms = _Pool.of(self.clinic.rooms)
        self._bays = _Pool.of(self.clinic.bays)
        self._devices = {"pen": _Pool.of(self.clinic.pens), "rf": _Pool.of(self.clinic.rf_devices)}

    def fill(self, count: int, random: Random) -> Iterator[Slot]:
        """About this many visits, spread over everybody who is there."""
        if not self.practitioners:
            return
        quota = -(-count // len(self.practitioners))
        for number, practitioner in enumerate(self.practitioners):
            late = LATE_SHIFT_MINUTES if number % 2 and self._close - self._open > LONG_DAY_MINUTES else 0
            free_from = self._open + late + random.choice((0, 15, 30, 45))
            for _ in range(quota):
                slot = self.place(practitioner, _wanted(practitioner, random), free_from)
                if slot is not None:
                    yield slot
                    free_from = slot.minute + slot.treatment.patient_minutes + random.choice(GAPS)

    def place(self, practitioner: Practitioner, treatment: Treatment, free_from: int) -> Slot | None:
        """The first time from then on at which this practitioner and everything else are free; else None."""
        first = max(self._open, free_from - treatment.before)
        first += -first % GRID_MINUTES
        for minute in range(first, self._close - treatment.patient_minutes + 1, GRID_MINUTES):
            slot = self._try(practitioner, treatment, minute)
            if slot is not None:
                return slot
        return None

    def _try(self, practitioner: Practitioner, treatment: Treatment, minute: int) -> Slot | None:
        work, leaves = minute + treatment.before, minute + treatment.patient_minutes
        hands = self._hands[practitioner.name]
        room = self._rooms.free(in_room := (work, leaves + treatment.cleaning))
        if room is None or not _is_free(hands, (work, leaves)):
            return None
        others: list[tuple[list[Minutes], Minutes]] = []
        if treatment.needles:
            in_bay = (minute + 5, work)
            with_device = (work, work + treatment.procedure + DEVICE_TURNAROUND)
            devices = self._devices[treatment.modality.value]
            bay, device = self._bays.free(in_bay), devices.free(with_device)
            if bay is None or device is None:
                return None
            others = [(self._bays.taken[bay], in_bay), (devices.taken[device], with_device)]
        for spans, span in ((hands, (work, leaves)), (self._rooms.taken[room], in_room), *others):
            spans.append(span)
        return Slot(self.clinic, self.day, minute, treatment, practitioner, room)


def _wanted(practitioner: Practitioner, random: Random) -> Treatment:
    able = [each for each in TREATMENTS if practitioner.rf or each.modality.value != "rf"]
    return random.choices(able, [each.weight for each in able])[0]
