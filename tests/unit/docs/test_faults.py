"""The page of faults is what the tests say, and the matrix has no hole that nobody speaks of."""

from pathlib import Path

import pytest

from scripts import faults
from scripts.faults import Proof

MARKED = """
import pytest

@pytest.mark.parametrize("n", [1])
@pytest.mark.fault("{rows}", dose="kill -9", holds="{holds}")
async def test_it(n: int) -> None: ...

def test_another() -> None: ...
"""


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    folder = tmp_path / "tests"
    (folder / "chaos").mkdir(parents=True)
    return folder


def test_the_page_is_what_the_tests_say() -> None:
    written = faults.PAGE.read_text("utf-8")

    assert faults.page(written, faults.proofs()) == written


def test_every_row_is_made_or_excused_and_every_number_is_one_of_the_matrix() -> None:
    assert list(faults.unknown(faults.proofs())) == []


def test_a_marked_test_is_found_with_its_rows_and_its_storey(tests: Path) -> None:
    (tests / "chaos" / "test_a.py").write_text(MARKED.format(rows="F4 F5", holds="I2 I3"))

    (found,) = faults.proofs(tests)

    assert found == Proof(("F4", "F5"), "kill -9", ("I2", "I3"), "tests/chaos/test_a.py", "test_it")
    assert found.run_by == "`make chaos`"
    assert faults.table([found]).count("`test_it`") == 2


@pytest.mark.parametrize(("rows", "holds"), [("F99", "I2"), ("F4", "I23")])
def test_a_number_that_the_matrix_does_not_have_is_seen(tests: Path, rows: str, holds: str) -> None:
    (tests / "chaos" / "test_a.py").write_text(MARKED.format(rows=rows, holds=holds))

    assert any("there is no" in each for each in faults.unknown(faults.proofs(tests)))


def test_a_row_that_nobody_makes_is_seen(tests: Path) -> None:
    (tests / "chaos" / "test_a.py").write_text(MARKED.format(rows="F4", holds="I2"))

    assert "F1 is neither made nor excused" in list(faults.unknown(faults.proofs(tests)))
