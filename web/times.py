"""Free times as a list to choose from: every quarter of an hour that can be had, by part of the day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from web.clients.booking import Location, Slot
from web.templating import clock
from web.typed import Misread


@dataclass(frozen=True, slots=True)
class Choice:
    """One time of the list; `value` is what the form sends."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Times:
    """What can be chosen, what is chosen, and what to say when the wish can't be had."""

    groups: tuple[tuple[str, tuple[Choice, ...]], ...]
    chosen: str
    remark: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.groups


def offered(slots: Sequence[Slot], place: Location, *, wanted: datetime | None) -> Times:
    """The free times of a day; the wanted one is chosen, or the nearest to it."""
    starts = [slot for _, slot in sorted({slot.starts_at.astimezone(UTC): slot for slot in slots}.items())]
    choices = [(slot.local_start, Choice(value_of(slot, place), text_of(slot, place))) for slot in starts]
    groups = tuple(
        (part, tuple(choice for _, choice in found))
        for part, found in groupby(choices, key=lambda each: part_of_day(each[0]))
    )
    nearest = _nearest((slot.local_start for slot in starts), wanted)
    chosen = next((choice.value for at, choice in choices if at == nearest), "")
    remark = ""
    if wanted is not None and nearest is not None and nearest != wanted and wanted.time() != datetime.min.time():
        remark = f"{clock(wanted)} is not free for this; {clock(nearest)} is the nearest that is."
    return Times(groups, chosen, remark)


def part_of_day(at: datetime) -> str:
    return "Morning" if at.hour < 12 else "Afternoon" if at.hour < 17 else "Evening"


def value_of(slot: Slot, place: Location) -> str:
    """`2026-11-01T01:30:00`, with `~1` for the second of two when the clocks are put back."""
    return f"{slot.local_start.isoformat()}{'~1' if _fold(slot, place) else ''}"


def text_of(slot: Slot, place: Location) -> str:
    """9:30 am; the hour that comes twice says which one it is."""
    if not _comes_twice(slot.local_start, place):
        return clock(slot.local_start)
    return f"{clock(slot.local_start)} ({'second' if _fold(slot, place) else 'first'} time)"


def read(value: str) -> tuple[datetime, int | None]:
    """What a form sent: wall time, and which of two where that matters."""
    start, _, fold = value.partition("~")
    try:
        return datetime.fromisoformat(start), int(fold) if fold else None
    except ValueError:
        raise Misread("Choose a time that is free.") from None


def _nearest(starts: Iterable[datetime], wanted: datetime | None) -> datetime | None:
    found = list(starts)
    if not found or wanted is None:
        return found[0] if found else None
    return min(found, key=lambda at: (abs(at - wanted), at))


def _fold(slot: Slot, place: Location) -> int:
    return slot.starts_at.astimezone(place.tz).fold


def _comes_twice(wall: datetime, place: Location) -> bool:
    first, second = (wall.replace(tzinfo=place.tz, fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second
