"""The chain as separate processes over a real Kafka: `needlepoint up-kafka`, and a hand on each process."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx

from tests.support import checks
from tests.support.crashing import VARIABLE
from tests.support.site import ENVIRONMENT, OwnSite
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
SESSION_SECONDS = 6
"""How soon a consumer that was killed is missed: the least that brokers allow by default; in a real chain it is 30."""
PATIENCE_SECONDS = 120.0
"""A busy machine takes its time to start a process."""
SERVICES = ("identity", "booking", "billing", "inventory", "notifications", "audit")
APIS = tuple(f"{service}-api" for service in SERVICES)
WORKERS = tuple(f"{service}-worker" for service in SERVICES)
KAFKA = "kafka"


class Processes(OwnSite):
    """One launcher with all its children; who is who stands in its `processes.json`."""

    command: ClassVar[str] = "up-kafka"
    told: ClassVar[Mapping[str, str]] = {
        "NEEDLEPOINT_KAFKA_SESSION_SECONDS": str(SESSION_SECONDS),
        "NEEDLEPOINT_KAFKA_HEARTBEAT_SECONDS": "1",
        "NEEDLEPOINT_KAFKA_REBALANCE_SECONDS": "15",
    }

    start_seconds_max: ClassVar[float] = 600.0
    """A dozen processes that start at once, on a machine that does other things as well."""

    def entry(self, name: str) -> dict[str, Any]:
        entry: dict[str, Any] = self.register()[name]
        return entry

    def register(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = json.loads((self.folder / "processes.json").read_text())["processes"]
        return found

    def has_broker(self) -> bool:
        """Whether the broker is a child as well, to be killed like one."""
        return KAFKA in self.register()

    def pid_of(self, name: str) -> int:
        pid: int = self.entry(name)["pid"]
        return pid

    def log_of(self, name: str) -> list[dict[str, Any]]:
        """What a process has logged, over all its lives."""
        whole, _, _ = Path(self.entry(name)["log"]).read_text().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def send(self, name: str, told: signal.Signals) -> int:
        """Signal a process; returns the pid that it had."""
        pid = self.pid_of(name)
        os.kill(pid, told)
        return pid

    async def ready(self, name: str) -> bool:
        """Whether this process says that it can work."""
        return await self.stuck(name) == []

    async def until_ready(self, name: str) -> None:
        await eventually(lambda: self.ready(name), patience=PATIENCE_SECONDS)

    async def stuck(self, name: str) -> list[str]:
        """What it says is stuck; `["away"]` when nobody answers."""
        async with httpx.AsyncClient(timeout=10) as client:
            try:
                answer = await client.get(f"http://127.0.0.1:{self.entry(name)['port']}/ready")
            except httpx.TransportError:
                return ["away"]
        stuck: list[str] = [] if answer.is_success else answer.json()["stuck"]
        return stuck

    async def answers(self, port: int) -> bool:
        """Whether whoever listens there says that it can work."""
        async with httpx.AsyncClient(timeout=10) as client:
            try:
                return (await client.get(f"http://127.0.0.1:{port}/ready")).is_success
            except httpx.TransportError:
                return False

    def end_postgres(self) -> None:
        """At once, as `pg_ctl -m immediate` does; the launcher starts it again."""
        lines = (self.folder / "pgdata" / "postmaster.pid").read_text().splitlines()
        os.kill(int(lines[0]), signal.SIGQUIT)

    async def all_stuck(self) -> dict[str, list[str]]:
        """What the door says of everybody."""
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.get(f"{self.url}/ready")
        stuck: dict[str, list[str]] = {} if answer.is_success else answer.json()["stuck"]
        return stuck

    async def back(self, name: str, *, other_than: int) -> None:
        """Wait until a new process of this name can work."""

        async def again() -> bool:
            return self.entry(name)["pid"] not in (None, other_than) and await self.ready(name)

        await eventually(again, patience=PATIENCE_SECONDS)

    @asynccontextmanager
    async def without(self, *names: str, told: signal.Signals = signal.SIGTERM) -> AsyncIterator[None]:
        """These processes are away as long as the block lasts; then they start again by themselves."""
        held = [self.folder / "held" / name for name in names]
        for each in held:
            each.parent.mkdir(exist_ok=True)
            each.touch()
        pids = {name: self.send(name, told) for name in names}
        try:
            await eventually(lambda: self._are_away(names), patience=PATIENCE_SECONDS)
            yield
        finally:
            for each in held:
                each.unlink()
        for name in names:
            if name != KAFKA:
                await self.back(name, other_than=pids[name])

    async def _are_away(self, names: Iterable[str]) -> bool:
        return all(self.entry(name)["pid"] is None for name in names)

    @asynccontextmanager
    async def dying(self, name: str, *, at: str) -> AsyncIterator[None]:
        """In the place of this process one that kills itself at this point, and must; then a sound one again."""
        async with self.without(name):
            stand_in = await self.run_beside(name, "tests.support.crashing", told={VARIABLE: at})
            try:
                await self.until_ready(name)
                yield
                code = await asyncio.wait_for(stand_in.wait(), PATIENCE_SECONDS)
                assert code == -signal.SIGKILL, f"{name} ended with {code}"
            finally:
                if stand_in.returncode is None:
                    stand_in.kill()

    async def run_beside(
        self, name: str, *module: str, port: int | None = None, told: Mapping[str, str] | None = None
    ) -> asyncio.subprocess.Process:
        """The same program once more, told the same: by another module, or on another port."""
        entry = self.entry(name)
        command = [*module, *entry["command"][2:]]
        if port is not None:
            command[-1] = f"--port={port}"
        log = os.open(entry["log"], os.O_WRONLY | os.O_APPEND)
        try:
            return await asyncio.create_subprocess_exec(
                *[sys.executable, "-m", *command],
                cwd=ROOT,
                env={**os.environ, **ENVIRONMENT, **self.told, **entry["environment"], **(told or {})},
                stdout=log,
                stderr=log,
            )
        finally:
            os.close(log)

    async def settled(self, *, since: datetime) -> None:
        """Wait until every fact told since then has been taken by everybody, and all that must follow has followed."""

        async def nothing_missing() -> bool:
            return await checks.is_quiet(self.connect) and not await checks.undelivered(self.connect, since=since)

        await eventually(nothing_missing, patience=PATIENCE_SECONDS)
