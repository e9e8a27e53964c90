"""Whatever stands in the way of a start is told with what to do about it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from embedded import preflight
from embedded.preflight import CannotStartError, DiskFullError, FolderInUseError, FolderUnusableError, PortTakenError

HOLD = """
import pathlib, sys
from embedded.preflight import owned
with owned(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_made_and_held(tmp_path: Path) -> None:
    with preflight.owned(tmp_path / "a" / "b") as folder:
        assert (folder / "owner.lock").read_text() == str(os.getpid())


def test_a_folder_that_is_made_is_closed_to_others_and_one_that_was_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)

    with preflight.owned(tmp_path / "made") as made, preflight.owned(tmp_path / "there") as there:
        modes = [each.stat().st_mode & 0o777 for each in (made, made / "owner.lock", there)]

    assert modes in ([0o700, 0o600, 0o755], [0o710, 0o600, 0o755])


def test_a_folder_that_another_process_holds_is_refused_with_its_pid_and_free_once_that_is_killed(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(FolderInUseError, match=f"in use by process {holder.pid}"), preflight.owned(tmp_path):
            pytest.fail("two owners")
        holder.kill()
        holder.wait()

        with preflight.owned(tmp_path) as folder:
            assert (folder / "owner.lock").read_text() == str(os.getpid())


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")

    with pytest.raises(FolderUnusableError, match="a file is in the way"):
        preflight.prepared(tmp_path / "data")


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "FREE_BYTES_MIN", 1 << 62)

    with pytest.raises(DiskFullError, match="MB are free"):
        preflight.prepared(tmp_path)


def test_a_port_that_is_taken_names_the_next_one() -> None:
    with preflight.bound("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortTakenError, match=f"make up PORT={port + 1}"):
            preflight.bound("127.0.0.1", port)


def test_a_port_is_held_from_the_first_moment() -> None:
    with preflight.bound("127.0.0.1", 0) as door, socket.create_connection(door.getsockname(), timeout=5):
        pass


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(CannotStartError, match="Can't listen on"):
        preflight.bound("192.0.2.1", 8000)
