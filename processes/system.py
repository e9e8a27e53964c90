"""Everything that runs beside PostgreSQL: the broker, the services, the front end; kept alive, and stopped in order."""

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from processes.children import Child, Program, Tell

log = structlog.get_logger()

DRAIN_SECONDS = 6.0
"""What processes get to finish what they are at; then they are killed, which loses nothing."""
BROKER_SECONDS = 2.5


class System:
    """All processes of one data folder. `<folder>/processes.json` says who runs where; tests kill by it."""

    def __init__(self, folder: Path, *, tell: Tell) -> None:
        self._folder = folder
        self._tell = tell
        self._children: list[Child] = []
        self._keeping: dict[str, asyncio.Task[None]] = {}

    def start(self, program: Program) -> None:
        """Run this from now on."""
        child = Child(program, self._folder, tell=self._tell, changed=self._write_register)
        self._children.append(child)
        self._keeping[program.name] = asyncio.create_task(child.keep(), name=program.name)

    async def stop(self) -> None:
        """Let everybody finish who needs the broker, then the broker; all within ten seconds."""
        brokers = [child for child in self._children if not child.program.watched]
        await self._end([child for child in self._children if child.program.watched], within=DRAIN_SECONDS)
        await self._end(brokers, within=BROKER_SECONDS)

    async def _end(self, children: Sequence[Child], *, within: float) -> None:
        if not children:
            return
        for child in children:
            child.stop()
        keeping = [self._keeping[child.program.name] for child in children]
        _, left = await asyncio.wait(keeping, timeout=within)
        for child in children:
            if self._keeping[child.program.name] in left:
                log.warning("process.killed", service=child.program.name)
                child.kill()
        await asyncio.gather(*keeping)

    def _write_register(self) -> None:
        """Whole or not at all: somebody may be reading it."""
        told: dict[str, Any] = {child.program.name: _entry(child) for child in self._children}
        raw = self._folder / "processes.json.new"
        raw.write_text(json.dumps({"launcher": os.getpid(), "processes": told}, indent=2), encoding="utf-8")
        raw.rename(self._folder / "processes.json")


def _entry(child: Child) -> dict[str, Any]:
    program = child.program
    return {
        "pid": child.pid,
        "port": program.port,
        "command": list(program.command),
        "environment": dict(program.environment),
        "log": str(child.log_file),
    }
