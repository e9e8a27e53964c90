"""Reads the records of a delimited text file: streaming, with line numbers, never giving up over one bad row.

A record that can't be right (a quote that was never closed, too many columns) costs its own first line only: reading
goes on with the line after it, as if the broken one had not been there.
"""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

SEPARATORS = (",", ";", "\t", "|")
RECORD_LINES_MAX = 1000
"""A note may have many lines; a thousand is a quote that was opened by mistake."""
SNIFFED_LINES = 200
FIELD_CHARACTERS_MAX = 1_000_000
_UNDECODED = re.compile("[\udc80-\udcff\ufffd]")


@dataclass(frozen=True, slots=True)
class Format:
    """How the text is cut into records and fields."""

    encoding: str
    separator: str
    quote: str = '"'
    escape: str | None = None
    header_row: int = 1
    """Which record holds the names; what stands above is a title and ignored."""
    short_rows: Literal["reject", "pad"] = "reject"


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    """Where it begins in the file, counted from 1."""
    fields: list[str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is no record, and why."""

    line: int
    fields: list[str]
    reason: str


class UnreadableFileError(ValueError):
    """The file as a whole can't be read; the message says why and what to state in the mapping."""


class Table:
    """An open file: its header, then its rows, each once."""

    def __init__(self, file: Path, form: Format) -> None:
        csv.field_size_limit(FIELD_CHARACTERS_MAX)
        self.form = form
        self._lines = _Lines(_text(file, form.encoding))
        self._reader = csv.reader(
            self._lines,
            delimiter=form.separator,
            quotechar=form.quote,
            escapechar=form.escape,
            doublequote=form.escape is None,
            strict=True,
        )
        self.titles: list[list[str]] = []
        self.header = self._header()

    def rows(self) -> Iterator[Record | Broken]:
        """Every record below the header; blank lines are no records."""
        while (found := self._next(width=len(self.header))) is not None:
            yield found

    def _header(self) -> list[str]:
        for _ in range(self.form.header_row - 1):
            title = self._next(width=None)
            self.titles.append(title.fields if title else [])
        found = self._next(width=None)
        if not isinstance(found, Record):
            raise UnreadableFileError(f"Row {self.form.header_row} should name the columns, but can't be read.")
        return [name.strip().removeprefix("\ufeff") for name in found.fields]

    def _next(self, *, width: int | None) -> Record | Broken | None:
        while True:
            line = self._lines.begin_record()
            try:
                fields = next(self._reader)
            except StopIteration:
                return None
            except csv.Error:
                return self._broken(line, "a quote stands in the wrong place, or is not closed")
            if any(fields):
                return self._judged(line, fields, width)

    def _judged(self, line: int, fields: list[str], width: int | None) -> Record | Broken:
        if width is None:
            return Record(line, fields)
        if len(fields) > width and not any(fields[width:]):
            fields = fields[:width]
        if len(fields) < width and self.form.short_rows == "pad":
            fields = fields + [""] * (width - len(fields))
        if len(fields) != width:
            return self._broken(line, f"{len(fields)} columns where the header has {width}")
        if _UNDECODED.search("".join(fields)):
            return Broken(line, fields, f"bytes that are not {self.form.encoding}")
        return Record(line, fields)

    def _broken(self, line: int, reason: str) -> Broken:
        """A record over several lines that is wrong is most likely a stray quote: only its first line is lost."""
        first = self._lines.give_back_all_but_first()
        plain = csv.reader([first], delimiter=self.form.separator, quotechar=self.form.quote)
        try:
            fields = next(plain, [])
        except csv.Error:
            fields = [first.rstrip("\r\n")]
        return Broken(line, fields, reason)


class _Lines(Iterator[str]):
    """The lines of a file; remembers those of the present record, so that they can be read again."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._number = 0

    def __next__(self) -> str:
        if len(self._taken) >= RECORD_LINES_MAX:
            raise StopIteration  # in the midst of a quote: the reader takes it for the end and complains
        line = self._again.popleft() if self._again else next(self._source)
        self._taken.append(line)
        self._number += 1
        return line

    def begin_record(self) -> int:
        """The number of the line that comes next."""
        self._taken = []
        return self._number + 1

    def give_back_all_but_first(self) -> str:
        first, *rest = self._taken
        self._again.extendleft(reversed(rest))
        self._number -= len(rest)
        return first


def _text(file: Path, encoding: str) -> Iterator[str]:
    """The lines, ends included; bytes that do not belong are marked instead of stopping everything."""
    mark = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    with file.open(encoding=encoding, errors=mark, newline="") as text:
        yield from text


def separator_of(file: Path, encoding: str, *, quote: str = '"') -> str:
    """The candidate that cuts the first lines most evenly; a comma when none cuts them at all."""
    lines = list(islice(_text(file, encoding), SNIFFED_LINES))
    evenness = {candidate: _evenness(lines, candidate, quote) for candidate in SEPARATORS}
    return max(SEPARATORS, key=lambda candidate: evenness[candidate])


def _evenness(lines: list[str], separator: str, quote: str) -> tuple[float, int]:
    """How many records share the commonest width, and that width; nothing for a width of one."""
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator, quotechar=quote) if any(row))
    except csv.Error:
        return (0.0, 0)
    if not widths:
        return (0.0, 0)
    width, times = widths.most_common(1)[0]
    return (times / widths.total(), width) if width > 1 else (0.0, 0)
