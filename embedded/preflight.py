"""What must be true before anything starts: a folder that is ours alone, room on the disk, a free port."""

import contextlib
import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from embedded import private
from embedded.account import make_private

FREE_BYTES_MIN = 500 * 1024 * 1024
"""PostgreSQL needs about 50 MB at first, its write-ahead log more under load; a full disk stops a clinic."""
BACKLOG = 2048


class CannotStartError(RuntimeError):
    """Why it can't start, in words for the person at the terminal: what, why, and what to do next."""


class FolderInUseError(CannotStartError):
    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(
            f"The data in {folder} is in use by process {pid or '?'}: Needlepoint is already running there.\n"
            f"Use that one, stop it (Ctrl-C in its terminal, or: kill {pid or '<pid>'}),"
            " or start on another folder with --data."
        )


class PortTakenError(CannotStartError):
    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is taken by another program.\n"
            f"Choose another one: make up PORT={port + 1}   or   needlepoint up --port {port + 1}"
        )


class FolderUnusableError(CannotStartError):
    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"The data folder {folder} can't be used: {why}.\n"
            "Give a folder that you may write to with --data, or change its owner."
        )


class DiskFullError(CannotStartError):
    def __init__(self, folder: Path, free_bytes: int) -> None:
        super().__init__(
            f"Only {free_bytes // 2**20} MB are free on the disk of {folder}; Needlepoint wants at least"
            f" {FREE_BYTES_MIN // 2**20} MB.\nMake room, or give a folder on another disk with --data."
        )


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[Path]:
    """The data folder, made if missing and held by this process alone until the block ends.

    The lock is the kernel's (`flock`): it goes when the process goes, however it goes.
    """
    folder = prepared(folder)
    with private.made(folder / "owner.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise FolderInUseError(folder, lock.read().strip()) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield folder


def prepared(folder: Path) -> Path:
    """The folder, absolute and writable, with enough room; else `CannotStartError` says what is wrong."""
    folder = folder.expanduser().absolute()
    try:
        make_private(folder)
    except (FileExistsError, NotADirectoryError) as error:
        raise FolderUnusableError(folder, "a file is in the way") from error
    except OSError as error:
        raise FolderUnusableError(folder, error.strerror or str(error)) from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise FolderUnusableError(folder, "you may not write there")
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < FREE_BYTES_MIN:
        raise DiskFullError(folder, free_bytes)
    return folder


def bound(host: str, port: int) -> socket.socket:
    """A socket that holds the port from now on; who connects before a server is there waits for it.

    It listens at once: with SO_REUSEADDR Linux lets two sockets bind the same port until one of them listens.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, OverflowError) as error:
        raise CannotStartError(f"{host}:{port} is not an address of this machine; try --host 127.0.0.1.") from error
    door = socket.socket(family, kind, protocol)
    # A restart need not wait for old connections to fade.
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(address)
        door.listen(BACKLOG)
    except OSError as error:
        door.close()
        raise _why_not(error, host, port) from error
    return door


def _why_not(error: OSError, host: str, port: int) -> CannotStartError:
    if error.errno == errno.EADDRINUSE:
        return PortTakenError(host, port)
    if error.errno == errno.EACCES:
        return CannotStartError(f"You may not use port {port} on {host}; ports above 1023 are open to everybody.")
    return CannotStartError(f"Can't listen on {host}:{port}: {error.strerror}.")
