"""A Needlepoint of its own, run as its users run it: `needlepoint up` in another process, on a folder and a port."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from cli.api import Api, Credentials
from embedded import contents
from embedded.contents import Account

NEEDLEPOINT = Path(sys.executable).with_name("needlepoint")
START_SECONDS_MAX = 180.0
STOP_SECONDS_MAX = 15.0


class Site:
    """Starts, stops and kills one `needlepoint up`; `api` speaks to it as one of its demo users."""

    def __init__(self, folder: Path, *, port: int = 0, with_demo: bool = True) -> None:
        self.folder = folder
        self.port = port
        self._options = [] if with_demo else ["--no-demo"]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        said = self.folder.with_suffix(".out")
        with said.open("wb") as out:
            self._process = subprocess.Popen(
                [NEEDLEPOINT, "up", "--port", str(self.port), "--data", str(self.folder), *self._options],
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._is_ready(said):
            assert self._process.poll() is None, f"needlepoint up ended:\n{said.read_text()}"
            assert time.monotonic() < deadline, f"needlepoint up is not ready:\n{said.read_text()}"
            time.sleep(0.05)

    def _is_ready(self, said: Path) -> bool:
        if not self.port and (found := re.search(r"http://127\.0\.0\.1:(\d+)", said.read_text())):
            self.port = int(found[1])
        if not self.port:
            return False
        try:
            return httpx.get(f"{self.url}/ready", timeout=5).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

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

    def account(self, role: str) -> Account:
        """A demo user with this role in its label."""
        wanted = role.replace("_", " ")
        return next(each for each in contents.read(self.folder).accounts if wanted in each.label.lower())

    def api(self, role: str) -> Api:
        account = self.account(role)
        return Api(self.url, Credentials(account.email, account.password))
