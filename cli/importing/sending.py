"""Sends rows in batches, several in flight, and sorts what comes back."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from cli.api import Api, RefusedError
from cli.importing.converting import Row
from cli.importing.kinds import TARGETS, Kind
from cli.importing.mapping import ImportMap

BATCH_ROWS = 1000
IN_FLIGHT = 4
REJECTED = "rejected"
REMARKED_MAX = 20
_ROW_FIELD = re.compile(r"body\.rows\.(\d+)\.?(.*)")


@dataclass(frozen=True, slots=True)
class Item:
    """A row with the place it came from."""

    line: int
    fields: list[str]
    row: Row


@dataclass
class Tally:
    """What became of the rows, by outcome."""

    outcomes: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    """What was assumed of rows that went in, and of how many."""
    remarked: list[int] = field(default_factory=list)
    """The lines of these rows, as far as anybody would read them."""

    @property
    def rejected(self) -> int:
        return self.outcomes[REJECTED]

    def note(self, line: int, outcome: str, remark: str | None) -> None:
        """This row went in, or was in already."""
        self.outcomes[outcome] += 1
        if remark is not None:
            self.remarks[remark] += 1
            if len(self.remarked) < REMARKED_MAX:
                self.remarked.append(line)


Reject = Callable[[int, list[str], str], None]
Advance = Callable[[int, int], None]
"""Told after each batch: its last line, and how many rows it had."""


class Sender:
    """Posts batches to one import route; a row that the server refuses is handed to `reject`."""

    def __init__(self, api: Api, kind: Kind, told: ImportMap, *, reject: Reject, dry_run: bool) -> None:
        self._api = api
        self._path = f"/imports/{kind}"
        self._service = TARGETS[kind].service
        self._about: dict[str, str] = {"source": told.source} if told.source else {}
        self._reject = reject
        self._dry_run = dry_run
        self.tally = Tally()

    async def send(self, items: Iterable[Item], advance: Advance) -> None:
        """Send everything; memory holds only the batches in flight."""
        free = asyncio.Semaphore(IN_FLIGHT)
        async with asyncio.TaskGroup() as group:
            for batch in _batches(items):
                await free.acquire()
                group.create_task(self._send(batch, free, advance))

    def refuse(self, line: int, fields: list[str], reason: str) -> None:
        """This row does not go in."""
        self.tally.outcomes[REJECTED] += 1
        self._reject(line, fields, reason)

    async def _send(self, batch: list[Item], free: asyncio.Semaphore, advance: Advance) -> None:
        try:
            await self._post(batch)
            advance(batch[-1].line, len(batch))
        finally:
            free.release()

    async def _post(self, batch: list[Item]) -> None:
        body = {**self._about, "rows": [item.row for item in batch]}
        try:
            answer = await self._api.post(self._service, self._path, body, dry_run=str(self._dry_run).lower())
        except RefusedError as error:
            await self._post_without_invalid(batch, error)
        else:
            self._sort(batch, answer["results"])

    async def _post_without_invalid(self, batch: list[Item], error: RefusedError) -> None:
        """One row that breaks the schema refuses its whole batch: take those rows out, send the others."""
        invalid = _invalid_rows(error)
        if not invalid:
            raise error
        for number, reason in invalid.items():
            self.refuse(batch[number].line, batch[number].fields, reason)
        rest = [item for number, item in enumerate(batch) if number not in invalid]
        if rest:
            await self._post(rest)

    def _sort(self, batch: list[Item], results: list[dict[str, Any]]) -> None:
        for item, result in zip(batch, results, strict=True):
            if result["outcome"] == REJECTED:
                self.refuse(item.line, item.fields, str(result.get("reason") or "refused"))
            else:
                self.tally.note(item.line, result["outcome"], result.get("remark"))


def _invalid_rows(error: RefusedError) -> dict[int, str]:
    """Number of a row in its batch → what is wrong with it, from the fields that the problem names."""
    found: dict[int, str] = {}
    for each in error.problem.get("errors") or ():
        if match := _ROW_FIELD.fullmatch(each["field"]):
            said = f"{match[2]}: {each['message']}" if match[2] else each["message"]
            found[int(match[1])] = f"{found[int(match[1])]}; {said}" if int(match[1]) in found else said
    return found


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH_ROWS)):
        yield batch
