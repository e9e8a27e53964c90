"""docs/benchmarks.md: what was found last of each row, and why targets are missed.

The findings lie in `bench/found/`, a file a row, and the words about them in `bench/notes.toml`; a run writes only the
findings of the rows it measured, so neither the other rows nor the words are lost.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bench import wording
from bench.finding import Machine, Measured

ROOT = Path(__file__).parent.parent
FOUND = ROOT / "bench" / "found"
NOTES = ROOT / "bench" / "notes.toml"
PAGE = ROOT / "docs" / "benchmarks.md"


class Note(BaseModel):
    """What a person has to say about a row."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str = ""
    """What exactly is measured."""
    why: str = ""
    """Why a target is missed: where the time goes, measured."""


def notes() -> dict[str, Note]:
    told = tomllib.loads(NOTES.read_text(encoding="utf-8"))
    return {row: Note.model_validate(said) for row, said in told.items()}


def kept(order: Sequence[str]) -> list[Measured]:
    """What was found last, in this order of rows."""
    files = [FOUND / f"{name}.json" for name in order]
    return [Measured.model_validate_json(file.read_text(encoding="utf-8")) for file in files if file.exists()]


def keep(measured: Measured) -> None:
    FOUND.mkdir(exist_ok=True)
    file = FOUND / f"{measured.row}.json"
    file.write_text(measured.model_dump_json(indent=2) + "\n", encoding="utf-8")


def write(order: Sequence[str]) -> None:
    """The page anew, from everything that is kept."""
    PAGE.write_text(page(kept(order), notes()), encoding="utf-8")


def page(measured: Sequence[Measured], said: Mapping[str, Note]) -> str:
    """Everything that was found, as Markdown."""
    return "\n".join([*_head(measured), *_table(measured), *_rows(measured, said)]) + "\n"


def _head(measured: Sequence[Measured]) -> Iterator[str]:
    yield from (
        "# How fast it is",
        "",
        "Written by `make bench`; do not edit. What is said below about a row comes from `bench/notes.toml`.",
        "",
        "Each row measures our code beside the same work done bare, in turn, in the same run on the same machine.",
        "A figure is the middle of the rounds, in brackets the least and the most of them. The ratio is ours by the",
        "floor's: of rates more is better, of times less. Only figures of one row can be compared; a busy machine",
        "changes all of them.",
        "",
    )
    for machine in dict.fromkeys(each.machine for each in measured):
        yield f"Machine: {_told(machine)}."
    yield ""


def _told(machine: Machine) -> str:
    return (
        f"{machine.cpu}, {machine.cores} cores, {machine.memory_gib} GiB, Linux {machine.kernel};"
        f" Python {machine.python}, PostgreSQL {machine.postgres} as `make up` runs it, everything on this one machine"
    )


def _table(measured: Iterable[Measured]) -> Iterator[str]:
    yield "| row | what | ours | floor | ratio | target | |"
    yield "|---|---|---|---|---|---|---|"
    for each in measured:
        for found in each.findings:
            cells = (
                f"[{each.row}](#{each.row})",
                found.what,
                wording.series(found.ours),
                wording.series(found.floor) if found.floor else "",
                wording.ratio(found),
                wording.target(found.target, found.ours.unit),
                {"miss": "**miss**"}.get(wording.outcome(found), wording.outcome(found)),
            )
            yield f"| {' | '.join(cells)} |"


def _rows(measured: Iterable[Measured], said: Mapping[str, Note]) -> Iterator[str]:
    for each in measured:
        note = said.get(each.row, Note())
        yield from ("", f"## {each.row}", "")
        yield from (line for text in (note.what, note.why) if text for line in (*text.strip().splitlines(), ""))
        floors = dict.fromkeys(found.floor_is for found in each.findings if found.floor_is)
        yield from (f"The floor: {floor}." for floor in floors)
        yield f"Measured on {each.on} by `{each.command}`."
