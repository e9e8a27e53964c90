"""One service as a process of its own, as a container runs it: told everything by its environment."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 10.0
"""What an orchestrator gives a container before it kills it."""
NOWHERE = "127.0.0.1:9"
"""Nobody answers there."""


class Served:
    """A process; its log is on its standard output, one JSON object a line."""

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str], log_file: Path) -> None:
        self.log_file = log_file
        told = {name: value for name, value in os.environ.items() if not name.startswith("NEEDLEPOINT_")}
        with log_file.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments, "--port=0"],
                stdout=out,
                stderr=subprocess.PIPE,
                env={**told, **environment},
                start_new_session=True,
            )

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """What it has logged so far; every line has to be JSON."""
        said = [json.loads(line) for line in self.log_file.read_text().splitlines()]
        return [line for line in said if event in (None, line["event"])]

    def wait_for(self, event: str, *, seconds: float = START_SECONDS_MAX) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while not (found := self.lines(event)):
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.log_file.read_text()}"
            assert time.monotonic() < deadline, f"no {event} in {self.log_file.read_text()}"
            time.sleep(0.02)
        return found[0]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.wait_for('process.started')['port']}"

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers=headers, timeout=30)

    def signal(self, told: signal.Signals) -> None:
        self.process.send_signal(told)

    def ended(self, *, seconds: float = STOP_SECONDS_MAX) -> int:
        """Its exit code, once it has ended."""
        return self.process.wait(seconds)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@contextmanager
def served(module: str, *arguments: str, environment: Mapping[str, str], log_file: Path) -> Iterator[Served]:
    process = Served(module, *arguments, environment=environment, log_file=log_file)
    try:
        yield process
    finally:
        process.close()
