"""Lists as people ask for them: filters and order kept in the address, so that a list can be sent to a colleague."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

Row = TypeVar("Row")

TYPED_MAX = 100
CURSOR_MAX = 500


@dataclass(frozen=True, slots=True)
class Listing:
    """What was asked of one list. A value that the list does not know counts as not given."""

    path: str
    filters: Mapping[str, str]
    sort: str
    cursor: str | None = None

    def __getitem__(self, name: str) -> str:
        """The value of a filter; empty when it was not given."""
        return self.filters.get(name, "")

    @property
    def is_filtered(self) -> bool:
        return any(self.filters.values())

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    def url(self, *, path: str | None = None, **changes: str | None) -> str:
        """The same list with something changed; always from its start."""
        wanted = {**self.filters, "sort": self.sort, **changes}
        query = urlencode({name: value for name, value in wanted.items() if value})
        return f"{path or self.path}?{query}" if query else path or self.path

    def sort_url(self, column: str) -> str:
        """By this column; the other way round if it is by this column already."""
        turned = self.column == column and not self.is_descending
        return self.url(sort=f"-{column}" if turned else column)

    def direction(self, column: str) -> str:
        """The value of `aria-sort` for a column."""
        if column != self.column:
            return "none"
        return "descending" if self.is_descending else "ascending"

    def ordered(self, rows: Iterable[Row], keys: Mapping[str, Callable[[Row], Any]]) -> list[Row]:
        """The rows in the asked order; what is not known stands last, whichever way."""
        by = keys[self.column]
        known: list[Row] = []
        unknown: list[Row] = []
        for row in rows:
            (unknown if by(row) is None else known).append(row)
        return [*sorted(known, key=by, reverse=self.is_descending), *unknown]


def listing(
    request: Request,
    *,
    sorts: Sequence[str] = (),
    default: str = "",
    typed: Sequence[str] = (),
    **closed: Iterable[str],
) -> Listing:
    """Read a list's question: `typed` filters are free text, the others have a closed list of values."""
    asked = request.query_params
    filters = {name: asked.get(name, "").strip()[:TYPED_MAX] for name in typed}
    for name, values in closed.items():
        value = asked.get(name, "")
        filters[name] = value if value in set(values) else ""
    sort = asked.get("sort", default)
    known = sort.removeprefix("-") in sorts
    cursor = asked.get("cursor", "")[:CURSOR_MAX] or None
    return Listing(request.url.path, filters, sort if known else default, cursor)


def matches(wanted: str, *texts: str | None) -> bool:
    """Whether every typed word is in one of the texts, whatever the case."""
    found = " ".join(text for text in texts if text).casefold()
    return all(word in found for word in wanted.casefold().split())
