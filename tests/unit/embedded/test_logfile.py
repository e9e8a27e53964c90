"""The log of the embedded mode is private, stays within its bounds, and never stops what writes to it."""

import resource
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

import pytest
import structlog

from chassis import log
from embedded.logfile import FILES_BEFORE, LogFile


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Other tests log as they did."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_only_its_owner_reads_it_also_after_an_edition_that_was_careless(tmp_path: Path) -> None:
    path = tmp_path / "needlepoint.log"
    path.write_text("of before\n")
    path.chmod(0o644)

    with LogFile(path) as out:
        print("now", file=out, flush=True)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "of before\nnow\n"


def test_it_keeps_the_last_files_only_and_no_line_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "needlepoint.log"

    with LogFile(path, bytes_max=1000) as out:
        log.configure(file=cast("TextIO", out))
        for number in range(100):
            structlog.get_logger().info("fact.handled", count=number)

    files = sorted(tmp_path.iterdir())
    names = ["needlepoint.log", *(f"needlepoint.log.{number + 1}" for number in range(FILES_BEFORE))]
    assert [each.name for each in files] == names
    assert all(each.stat().st_size < 1200 for each in files)
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
    assert all(line.endswith("}") for each in files for line in each.read_text().splitlines())
    assert '"count": 99' in path.read_text() + (tmp_path / "needlepoint.log.1").read_text()


def test_where_no_more_can_be_written_nobody_is_stopped(tmp_path: Path) -> None:
    most, limit = resource.getrlimit(resource.RLIMIT_FSIZE), 2_000
    path = tmp_path / "needlepoint.log"

    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most[1]))
        with LogFile(path) as out:
            for number in range(1_000):
                print(f"line {number}", file=out, flush=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)

    assert path.stat().st_size <= limit
