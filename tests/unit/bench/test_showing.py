import io
from datetime import date

import pytest
from rich.console import Console

from bench import page
from bench.finding import Finding, Kind, Machine, Measured, Series, Target, Unit
from bench.page import Note
from bench.register import ROWS
from bench.table import table

MACHINE = Machine(cpu="Some CPU", cores=2, memory_gib=24, kernel="6.1", python="3.11.7", postgres="18.6.3")
ORDER = [row.name for row in ROWS]


def rate(*rounds: float) -> Series:
    return Series(unit=Unit.PER_SECOND, rounds=rounds)


def measured(ours: Series, target: Target | None, floor: Series | None = None) -> Measured:
    finding = Finding(what="book over HTTP", ours=ours, floor=floor, floor_is="bare asyncpg", target=target)
    day = date(2026, 11, 24)
    return Measured(row="book", on=day, command="make bench", machine=MACHINE, findings=(finding,))


def terminal(found: Measured) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(table([found]))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_figure_is_the_middle_of_its_rounds_with_the_outermost_beside_it() -> None:
    found = measured(rate(700, 1234.4, 900), Target(kind=Kind.RATIO, least=0.6), floor=rate(1000, 1500, 1200))

    assert "900/s (700–1,234)" in terminal(found)
    assert "900/s (700–1,234) | 1,200/s (1,000–1,500) | 0.75 | ≥ 0.6 × floor | pass |" in page.page([found], {})


@pytest.mark.parametrize(
    ("ours", "target", "outcome"),
    [
        (rate(500), Target(kind=Kind.RATIO, least=0.6), "miss"),
        (rate(700), Target(kind=Kind.RATIO, least=0.6), "pass"),
        (rate(700), Target(kind=Kind.FIGURE, least=800), "miss"),
        (Series(unit=Unit.MILLISECONDS, rounds=(1.9,)), Target(kind=Kind.FIGURE, most=2), "pass"),
        (Series(unit=Unit.MILLISECONDS, rounds=(2.1,)), Target(kind=Kind.FIGURE, most=2), "miss"),
    ],
)
def test_a_target_is_a_least_rate_or_a_most_time(ours: Series, target: Target, outcome: str) -> None:
    found = measured(ours, target, floor=ours.model_copy(update={"rounds": (1000.0,)}))

    assert outcome in terminal(found)


def test_the_page_says_what_a_person_had_to_say_of_a_row() -> None:
    said = page.page([measured(rate(1), None)], {"book": Note(what="Eight desks.", why="It is the parsing.")})

    assert "## book\n\nEight desks.\n\nIt is the parsing.\n" in said
    assert "Measured on 2026-11-24 by `make bench`." in said


def test_the_page_is_what_was_found_and_said() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(page.kept(ORDER), page.notes()), "make bench ARGS=--page"


def test_a_missed_target_is_explained() -> None:
    said = page.notes()

    missed = [each.row for each in page.kept(ORDER) if any(found.is_met is False for found in each.findings)]

    assert [row for row in missed if not said.get(row, Note()).why] == []


def test_every_note_is_about_a_row() -> None:
    assert set(page.notes()) <= set(ORDER)
