"""Turns a record of the file into a row that the import route takes, or says why it can't be one."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from chassis.text import UnfitText, many_lines, one_line
from chassis.zones import zone_named
from cli.importing.kinds import STATUSES, Field, Shape, Target
from cli.importing.mapping import ImportMap, MappingError

Row = dict[str, Any]


class Unfit(ValueError):
    """A value that can't be read; the message names the field and what was expected."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location of the chain, as the import needs it."""

    id: str


Places = Mapping[str, Place]
"""By code, by name and by id, in small letters."""

Read = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class _Taken:
    """One field, ready to be taken out of a record."""

    field: Field
    columns: tuple[int, ...]
    constant: str | None
    words: Mapping[str, str]
    read: Read

    def text(self, fields: Sequence[str]) -> str:
        if self.constant is not None:
            return self.constant.strip()
        taken = " ".join(fields[column].strip() for column in self.columns)
        return many_lines(taken) if self.field.shape is Shape.PROSE else one_line(" ".join(taken.split()))


class Converter:
    """Made once for a file and a mapping, then asked for each record."""

    def __init__(self, target: Target, told: ImportMap, *, header: Sequence[str], places: Places, today: date) -> None:
        told.fit(target)
        self._empty = frozenset(told.file.empty)
        columns = _columns(told, header)
        self._taken = [
            _Taken(
                field,
                columns.get(field.name, ()),
                told.constants.get(field.name),
                _folded(told.words.get(field.name, {})),
                _reader(field, told, places, today),
            )
            for field in target.fields
            if field.name in columns or field.name in told.constants
        ]

    def row(self, fields: Sequence[str]) -> Row:
        """The row, without the fields that are empty; raises `Unfit`."""
        row = {each.field.name: self._value(each, fields) for each in self._taken}
        return _as_sent({name: value for name, value in row.items() if value is not None})

    def _value(self, each: _Taken, fields: Sequence[str]) -> Any:
        try:
            text = each.text(fields)
            if each.words:
                text = each.words.get(text.casefold(), each.words.get("*", text))
            if text not in self._empty:
                return each.read(text)
        except (Unfit, UnfitText) as error:
            raise Unfit(f"{each.field.name}: {error}") from None
        if each.field.required:
            raise Unfit(f"{each.field.name} is empty")
        return None


def _columns(told: ImportMap, header: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Our field → positions in a record; names are compared without case and spaces around them."""
    known = [_key(name) for name in header]
    found: dict[str, tuple[int, ...]] = {}
    for field, names in told.columns.items():
        wanted = [names] if isinstance(names, str) else names
        found[field] = tuple(_position(name, known, header) for name in wanted)
    return found


def _position(name: str, known: list[str], header: Sequence[str]) -> int:
    times = known.count(_key(name))
    if times == 0:
        raise MappingError(f"There is no column {name!r}; the file has: {', '.join(header)}.")
    if times > 1:
        raise MappingError(f"The column {name!r} stands there {times} times; rename all but one of them.")
    return known.index(_key(name))


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _folded(words: Mapping[str, str]) -> dict[str, str]:
    return {_key(theirs): ours for theirs, ours in words.items()}


def _reader(field: Field, told: ImportMap, places: Places, today: date) -> Read:
    stated = told.formats.get(field.name, [])
    formats = [stated] if isinstance(stated, str) else stated
    zone = zone_named(told.zones[field.name]) if field.name in told.zones else None
    scale = told.scale.get(field.name, 1)
    readers: dict[Shape, Read] = {
        Shape.TEXT: str,
        Shape.PROSE: str,
        Shape.DAY: lambda text: _day(text, formats).isoformat(),
        Shape.BIRTHDAY: lambda text: _birthday(text, formats, today).isoformat(),
        Shape.MOMENT: lambda text: _moment(text, formats, zone),
        Shape.COUNT: lambda text: _count(text, scale),
        Shape.STATUS: _status,
        Shape.LOCATION: lambda text: _place(text, places),
    }
    return readers[field.shape]


def _parsed(text: str, formats: Sequence[str], iso: Callable[[str], datetime]) -> datetime:
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is given afterwards
        except ValueError:
            continue
    if not formats:
        try:
            return iso(text)
        except ValueError:
            pass
    raise Unfit(f"{text!r} is not written as {' or '.join(formats) or 'ISO 8601 (2026-11-24, 2026-11-24T10:00)'}")


def _day(text: str, formats: Sequence[str]) -> date:
    return _parsed(text, formats, datetime.fromisoformat).date()


def _birthday(text: str, formats: Sequence[str], today: date) -> date:
    day = _day(text, formats)
    if day > today and any("%y" in form for form in formats):
        day = day.replace(year=day.year - 100)
    if day > today:
        raise Unfit(f"{day} is not past")
    return day


def _moment(text: str, formats: Sequence[str], zone: ZoneInfo | None) -> datetime:
    """An instant when the file or the mapping says where that clock hangs, else the location's own wall time."""
    moment = _parsed(text, formats, datetime.fromisoformat)
    if moment.tzinfo is not None or zone is None:
        return moment
    instant = moment.replace(tzinfo=zone)
    if instant.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:  # BK-03
        raise Unfit(f"{moment} did not exist in {zone.key}: the clocks went forward")
    if instant.utcoffset() != instant.replace(fold=1).utcoffset():
        raise Unfit(f"{moment} came twice in {zone.key}: the clocks went back; write its offset behind it (-05:00, %z)")
    return instant


_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")


def _count(text: str, scale: int) -> int:
    if not _NUMBER.fullmatch(text):
        raise Unfit(f"{text!r} is not a number such as 12 or 2.5")
    try:
        number = Decimal(text) * scale
    except InvalidOperation as error:
        raise Unfit(f"{text!r} is not a number") from error
    if number != number.to_integral_value():
        raise Unfit(f"{text} times {scale} is not whole")
    return int(number)


def _status(text: str) -> str:
    word = "_".join(text.casefold().replace("-", " ").split())
    if word not in STATUSES:
        raise Unfit(f"{text!r} has no entry in [words.status]")
    return word


def _place(text: str, places: Places) -> Place:
    place = places.get(_key(text))
    if place is None:
        raise Unfit(f"{text!r} is no location you may import to; map it in [words] to a code")
    return place


def _as_sent(row: Row) -> Row:
    """The row under the names of the route: a location by its id, an instant apart from a wall time."""
    sent: Row = {}
    for name, value in row.items():
        if isinstance(value, Place):
            sent[f"{name}_id"] = value.id
        elif isinstance(value, datetime):
            sent["starts_at" if value.tzinfo else name] = value.isoformat()
        else:
            sent[name] = value
    return sent
