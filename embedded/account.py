"""Who PostgreSQL runs as: ourselves, or for root, as which it refuses to run, an account that can do nothing else.

That account must reach its files. Folders that others made are never opened for it: where one is closed, PostgreSQL
gets the one right of root that lets it pass (`CAP_DAC_READ_SEARCH`), and none of the others.
"""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT_RUNS_AS = "embedded_postgres"
PASSING = (("dac_read_search", 2), ("dac_override", 1))
"""Rights that let a process pass closed folders and their bits in `/proc/self/status`; the smaller one first."""


class PostgresCannotRun(RuntimeError):
    """Why root can't start PostgreSQL, in words for the person at the terminal."""


class NoAccountError(PostgresCannotRun):
    def __init__(self, why: str) -> None:
        super().__init__(
            f"PostgreSQL refuses to run as root, and the account {ROOT_RUNS_AS!r} for it could not be made: {why}.\n"
            f"Start Needlepoint as an ordinary user, or make that account: useradd --system {ROOT_RUNS_AS}"
        )


class ClosedFolderError(PostgresCannotRun):
    def __init__(self, closed: Path) -> None:
        super().__init__(
            f"PostgreSQL refuses to run as root, and its account {ROOT_RUNS_AS!r} may not pass {closed}.\n"
            "Start Needlepoint as an ordinary user, or keep it and its data where everybody may pass, such as"
            " /srv/needlepoint with --data /var/lib/needlepoint. Permissions are not changed for you."
        )


@dataclass(frozen=True, slots=True)
class Account:
    """How a program of PostgreSQL is started, and who owns its files."""

    uid: int
    gid: int
    is_us: bool

    def own(self, folder: Path) -> None:
        """Make this folder the account's."""
        if not self.is_us:
            os.chown(folder, self.uid, self.gid)

    def let_in(self, folder: Path) -> None:
        """Let the account, and nobody else, pass a folder that we have just made."""
        if not self.is_us:
            os.chown(folder, -1, self.gid)
            folder.chmod(0o710)

    def launching(self, command: list[str], *, reaching: Iterable[Path]) -> dict[str, Any]:
        """Arguments of `subprocess` that run this command as the account; raises `ClosedFolderError`."""
        if self.is_us:
            return {"args": command}
        closed = self._closed([Path(command[0]), *reaching])
        if closed is None:
            return {"args": command, "user": self.uid, "group": self.gid, "extra_groups": []}
        return {"args": [*self._passing(closed), *command]}

    def _passing(self, closed: Path) -> list[str]:
        setpriv, right = shutil.which("setpriv"), _right_to_pass()
        if setpriv is None or right is None:
            raise ClosedFolderError(closed)
        who = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--no-new-privs"]
        rights = [f"--inh-caps=-all,+{right}", f"--ambient-caps=+{right}", f"--bounding-set=-all,+{right}"]
        return [setpriv, *who, *rights, "--pdeathsig=QUIT", "--"]

    def _closed(self, wanted: Iterable[Path]) -> Path | None:
        """The first folder on the way to these that the account may not pass."""
        return next((each for path in wanted for each in reversed(path.parents) if not self._may_pass(each)), None)

    def _may_pass(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        return bool(found.st_mode & (stat.S_IXGRP if found.st_gid == self.gid else stat.S_IXOTH))


def account() -> Account:
    """Ourselves, or for root the account that runs PostgreSQL, made if it is missing."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_us=True)
    try:
        found = pwd.getpwnam(ROOT_RUNS_AS)
    except KeyError:
        found = _made()
    return Account(found.pw_uid, found.pw_gid, is_us=False)


def make_private(folder: Path) -> None:
    """The data folder, for us and PostgreSQL alone; one that is there already stays as it is."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True)
        account().let_in(folder)


def _made() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ROOT_RUNS_AS]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - fixed words
    except FileNotFoundError as error:
        raise NoAccountError("there is no program useradd") from error
    except subprocess.CalledProcessError as error:
        raise NoAccountError(str(error.stderr).strip()) from error
    return pwd.getpwnam(ROOT_RUNS_AS)


def _right_to_pass() -> str | None:
    """The smallest right to pass closed folders that we have, and so can hand on."""
    for line in Path("/proc/self/status").read_text().splitlines() if Path("/proc/self/status").exists() else ():
        if line.startswith("CapPrm:"):
            held = int(line.split()[1], 16)
            return next((name for name, bit in PASSING if held >> bit & 1), None)
    return None
