"""A running Needlepoint with its demo chain: somewhere, known by its address, or in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

import asyncpg
import httpx

from cli.api import Api, Credentials
from embedded.contents import Account
from embedded.demo.stage import OWNER, PASSWORD, TEAM

NEEDLEPOINT = Path(sys.executable).with_name("needlepoint")
ENVIRONMENT = {"COLUMNS": "200", "NO_COLOR": "1", "NEEDLEPOINT_BREAK_AFTER_SECONDS": "10"}
"""Its words unbroken and plain; and what is missing after a session is told sooner than after a minute."""
START_SECONDS_MAX = 180.0
STOP_SECONDS_MAX = 15.0


class Site:
    """An address, and the demo users who can sign in there; however it runs, and on however many machines."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def account(self, role: str) -> Account:
        """The first demo user of this role."""
        member = next(each for each in (OWNER, *TEAM) if each.role == role)
        password = os.environ.get("NEEDLEPOINT_DEMO_PASSWORD", PASSWORD)
        return Account(email=member.email, password=password, label=member.label)

    def api(self, role: str) -> Api:
        """The public API, as this user speaks to it."""
        account = self.account(role)
        return Api(self.url, Credentials(account.email, account.password))


class OwnSite(Site):
    """Run as its users run it: `needlepoint up` in another process, on a folder and a port."""

    command: ClassVar[str] = "up"
    told: ClassVar[Mapping[str, str]] = {}
    """Variables of its environment, beyond those of every site."""
    start_seconds_max: ClassVar[float] = START_SECONDS_MAX

    def __init__(self, folder: Path, *, port: int = 0, with_demo: bool = True) -> None:
        super().__init__("")
        self.folder = folder
        self.port = port
        self._options = [] if with_demo else ["--no-demo"]
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def copy_of(cls, filled: Path, folder: Path) -> Self:
        """Another one that holds the same as the folder of one that has stopped, owners of files included."""
        subprocess.run(["cp", "-a", filled, folder], check=True)
        return cls(folder)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        said = self.folder.with_suffix(".out")
        with said.open("wb") as out:
            self._process = subprocess.Popen(
                [NEEDLEPOINT, self.command, "--port", str(self.port), "--data", str(self.folder), *self._options],
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **ENVIRONMENT, **self.told},
                start_new_session=True,
            )
        deadline = time.monotonic() + self.start_seconds_max
        while not self._is_ready(said):
            assert self._process.poll() is None, f"needlepoint {self.command} ended:\n{said.read_text()}"
            assert time.monotonic() < deadline, f"needlepoint {self.command} is not ready:\n{said.read_text()}"
            time.sleep(0.05)

    def _is_ready(self, said: Path) -> bool:
        if not self.port and (found := re.search(r"http://127\.0\.0\.1:(\d+)", said.read_text())):
            self.port = int(found[1])
        if not self.port:
            return False
        self.url = f"http://127.0.0.1:{self.port}"
        try:
            return httpx.get(f"{self.url}/ready", timeout=5).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def connect(self, service: str) -> asyncpg.Connection:
        """Into the database of a service, past everything that stands before it."""
        connection: asyncpg.Connection = await asyncpg.connect(
            host=str(self.folder / "run"), user="postgres", database=service
        )
        return connection

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def wait(self, seconds: float) -> int:
        """Its exit code, once it has ended."""
        assert self._process is not None
        return self._process.wait(seconds)

    def stop(self) -> float:
        """Ctrl-C; returns how many seconds it took."""
        assert self._process is not None
        begun = time.monotonic()
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGINT)
            self._process.wait(STOP_SECONDS_MAX)
        return time.monotonic() - begun
