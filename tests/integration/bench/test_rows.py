import pytest

from bench.register import ROWS
from bench.row import Row, Size, measure

CHEAP = ("book", "consumer", "relay")
"""Those that show in a few seconds that they still work."""


@pytest.mark.parametrize("row", [row for row in ROWS if row.name in CHEAP], ids=lambda row: row.name)
async def test_a_row_still_finds_something(row: Row) -> None:
    findings = await measure(row, Size.SMALLEST, tell=lambda _: None)

    assert all(found.ours.least > 0 for found in findings)
