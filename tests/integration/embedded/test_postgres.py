"""PostgreSQL runs wherever a folder is, whoever starts it, and opens nothing that others have closed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.account import ClosedFolderError
from embedded.postgres import Cluster

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account for PostgreSQL")


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder inside one that nobody but its owner may enter."""
    (tmp_path / "home").mkdir(mode=0o700)
    return tmp_path / "home" / "clinic"


@pytest.fixture
def cluster(closed: Path) -> Iterator[Cluster]:
    cluster = Cluster(closed, durable=False)
    yield cluster
    cluster.stop()


def test_it_runs_in_a_closed_folder_and_leaves_it_closed(cluster: Cluster, closed: Path) -> None:
    before = [each.stat().st_mode for each in closed.parents]

    cluster.start()

    assert cluster.is_ready
    assert [each.stat().st_mode for each in closed.parents] == before
    assert (closed / "postgres.log").stat().st_mode & 0o777 == 0o600
    assert closed.stat().st_mode & 0o007 == 0


@as_root
def test_for_root_it_runs_without_any_right_but_to_pass(cluster: Cluster) -> None:
    cluster.start()

    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{cluster.pid}/status").read_text().splitlines())
    assert "0" not in status["Uid"].split()
    assert int(status["CapBnd"], 16) in (1 << 2, 1 << 1)
    assert status["NoNewPrivs"] == "1"


@as_root
def test_where_nothing_lets_it_pass_the_folder_is_named(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(ClosedFolderError, match=r"(?s)may not pass /.*Permissions are not changed"):
        cluster.start()


async def test_what_a_constraint_refuses_leaves_no_value_in_the_log(cluster: Cluster, closed: Path) -> None:
    cluster.start()
    connection = await cluster.connect()
    await connection.execute("CREATE TABLE person (email text CONSTRAINT one_each UNIQUE)")
    await connection.execute("INSERT INTO person VALUES ('amelia@example.com')")

    with pytest.raises(Exception, match="one_each"):
        await connection.execute("INSERT INTO person VALUES ('amelia@example.com')")
    await connection.close()

    said = (closed / "postgres.log").read_text()
    assert "one_each" in said
    assert "amelia" not in said
