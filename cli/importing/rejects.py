"""The rejects file: the rows that did not go in, as they were, with their line and the reason.

It has the columns of the source and two more, so once mended it is imported with the same mapping; cells that stood
beyond the last column follow after these. Rejected again, a row has the line and the reason of this time only.
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from cli.importing.reading import Table

LINE, REASON = "import_line", "import_reason"


class Rejects:
    """Opened with the first reject: a clean import leaves no file, and takes an old one away."""

    def __init__(self, path: Path, table: Table) -> None:
        self.path = path
        self.count = 0
        self._table = table
        self._names = [name for name in table.header if name not in (LINE, REASON)]
        self._kept = [place for place, name in enumerate(table.header) if name not in (LINE, REASON)]
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, line: int, fields: Sequence[str], reason: str) -> None:
        if self._file is None:
            self._open()
        self.count += 1
        shown = [fields[place] if place < len(fields) else "" for place in self._kept]
        self._writer.writerow([*shown, line, reason, *fields[len(self._table.header) :]])

    def _open(self) -> None:
        """UTF-8 with a mark: spreadsheets then show names as they are, and the mark outweighs the mapping."""
        form = self._table.form
        self._file = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
        self._writer = csv.writer(
            self._file,
            delimiter=form.separator,
            quotechar=form.quote,
            escapechar=form.escape,
            doublequote=form.escape is None,
        )
        self._writer.writerows(self._table.titles)
        self._writer.writerow([*self._names, LINE, REASON])
