"""Processes that are kept alive: started again when they die, after a pause that grows while they go on dying."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from chassis.stopping import Stopping
from embedded.parent import dies_with_parent

log = structlog.get_logger()

PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.2, 10.0
HEALTHY_SECONDS = 30.0
"""Whoever lived this long did not die of how it was started."""
HELD_POLL_SECONDS = 0.1

OF_ONE_PROCESS = frozenset(
    f"NEEDLEPOINT_{name}" for name in ("DATABASE_URL", "MIGRATION_URL", "SERVICE_KEY", "SECRETS_DIR", "HOST", "PORT")
)
"""Variables that mean one process alone: set around us, they would mean all of them."""

Tell = Callable[[str], None]
"""Says one line to the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is run, and how to find it then. Its environment holds no secret: whoever may read the folder sees it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beyond that of this process."""
    port: int | None = None
    watched: bool = True
    """Whether it answers `/ready`."""


class Child:
    """One program, run for as long as it is wanted."""

    def __init__(self, program: Program, folder: Path, *, tell: Tell, changed: Callable[[], None]) -> None:
        """Its log is `<folder>/logs/<name>.log`; while `<folder>/held/<name>` exists, it is not started (again)."""
        self.program = program
        self.log_file = folder / "logs" / f"{program.name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._held = folder / "held" / program.name
        self._tell = tell
        self._changed = changed
        self._stopping = Stopping()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """Ask it to end, and don't start it again; `keep` returns once it is gone."""
        self._stopping.set()
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """It had its time."""
        self._stopping.set()
        self._send(signal.SIGKILL)

    async def keep(self) -> None:
        """Run it until it is told to stop."""
        pause = PAUSE_SECONDS
        while not self._stopping.is_set():
            if self._held.exists():
                await self._stopping.rest(HELD_POLL_SECONDS)
                continue
            began = time.monotonic()
            code = await self._run()
            if self._stopping.is_set():
                return
            pause = PAUSE_SECONDS if time.monotonic() - began > HEALTHY_SECONDS else min(2 * pause, PAUSE_SECONDS_MAX)
            self._report(code, pause)
            await self._stopping.rest(pause)

    async def _run(self) -> int:
        """Once, to its end."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *self.program.command,
                env={**_inherited(), **self.program.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C reaches us, and we stop it in order
                preexec_fn=dies_with_parent(signal.SIGKILL),
            )
        self._is(process)
        try:
            if self._stopping.is_set():  # told so while it was being started
                self._send(signal.SIGTERM)
            return await process.wait()
        finally:
            self._is(None)

    def _is(self, process: asyncio.subprocess.Process | None) -> None:
        self._process = process
        self._changed()

    def _send(self, told: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(told)

    def _report(self, code: int, pause: float) -> None:
        """Somebody who holds it back knows already."""
        if self._held.exists():
            return
        log.error("process.died", service=self.program.name, code=code, retry_seconds=pause)
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        self._tell(f"{self.program.name} {how}; it starts again in {pause:.1f} s. Its log: {self.log_file}")


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OF_ONE_PROCESS}
