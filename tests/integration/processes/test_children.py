"""Processes that are kept alive, with real processes that die."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from processes.children import Program
from processes.system import System
from tests.support.pids import has_gone
from tests.support.waiting import eventually

STAYS = (sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)")
FINISHES = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print('drained', flush=True), sys.exit(0)))
print('here', flush=True)
time.sleep(600)
"""
DRAINS = (sys.executable, "-c", FINISHES)
LAUNCHES = """
import asyncio, pathlib, sys
from processes.children import Program
from processes.system import System

async def main():
    System(pathlib.Path(sys.argv[1]), tell=print).start(Program('api', sys.argv[2:]))
    await asyncio.sleep(600)

asyncio.run(main())
"""
IGNORES = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)",
)


class Room:
    """A system in a folder, and what it has told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.system = System(folder, tell=self.said.append)

    def start(self, name: str, command: tuple[str, ...]) -> None:
        self.system.start(Program(name, command))

    def pid(self, name: str) -> int | None:
        register = self.folder / "processes.json"
        if not register.exists():
            return None
        pid: int | None = json.loads(register.read_text())["processes"][name]["pid"]
        return pid

    def log(self, name: str) -> str:
        path = self.folder / "logs" / f"{name}.log"
        return path.read_text() if path.exists() else ""

    async def runs(self, name: str, *, other_than: int | None = None, times: int = 1) -> int:
        """Its pid, once it has said so."""

        async def look() -> int | None:
            pid = self.pid(name)
            return pid if pid != other_than and self.log(name).count("here") >= times else None

        return await eventually(look)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    room = Room(tmp_path)
    yield room
    await room.system.stop()


async def test_who_is_killed_starts_again_and_it_is_told(room: Room) -> None:
    room.start("api", STAYS)
    pid = await room.runs("api")

    os.kill(pid, signal.SIGKILL)
    second = await room.runs("api", other_than=pid, times=2)

    assert second != pid
    assert [line.split(";")[0] for line in room.said] == ["api was killed by SIGKILL"]


async def test_who_dies_again_and_again_is_started_less_and_less_often(room: Room) -> None:
    room.start("api", (sys.executable, "-c", "raise SystemExit(3)"))

    await eventually(lambda: has(room.said, 3))

    assert [line.split(";")[0] for line in room.said[:3]] == ["api ended with 3"] * 3
    pauses = [float(line.split(" in ")[1].split()[0]) for line in room.said[:3]]
    assert pauses == sorted(set(pauses))


async def has(said: list[str], count: int) -> bool:
    return len(said) >= count


async def test_who_is_held_stays_away_until_let_go(room: Room) -> None:
    room.start("worker", STAYS)
    pid = await room.runs("worker")
    held = room.folder / "held" / "worker"
    held.parent.mkdir()
    held.touch()

    os.kill(pid, signal.SIGTERM)
    await eventually(lambda: is_gone(room, "worker"))
    held.unlink()

    assert await room.runs("worker", other_than=pid, times=2) != pid
    assert room.said == []


async def is_gone(room: Room, name: str) -> bool:
    return room.pid(name) is None


async def test_stopping_lets_everybody_finish_and_ends_who_does_not(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processes.system.DRAIN_SECONDS", 0.5)
    room.start("polite", DRAINS)
    room.start("stubborn", IGNORES)
    await room.runs("polite")
    await room.runs("stubborn")

    await room.system.stop()

    assert "drained" in room.log("polite")
    assert (room.pid("polite"), room.pid("stubborn")) == (None, None)
    assert room.said == []


async def test_nobody_outlives_a_launcher_that_is_killed(tmp_path: Path) -> None:
    launcher = await asyncio.create_subprocess_exec(sys.executable, "-c", LAUNCHES, tmp_path, *STAYS)
    room = Room(tmp_path)
    pid = await room.runs("api")

    launcher.kill()
    await launcher.wait()

    await eventually(lambda: has_ended(pid))


async def has_ended(pid: int) -> bool:
    return has_gone(pid)
