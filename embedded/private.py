"""Files that only their owner reads: they hold what patients and staff did, or what opens the door to it."""

import os
from pathlib import Path


def made(path: Path) -> Path:
    """The same file, there from now on and for its owner alone: `private.made(path).open("ab")`."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.fchmod(handle, 0o600)
    finally:
        os.close(handle)
    return path


def shelve(path: Path, *, beyond_bytes: int) -> None:
    """Put a log that has grown beyond this aside, in the place of the one that was put aside before."""
    if path.exists() and path.stat().st_size > beyond_bytes:
        path.replace(path.with_name(f"{path.name}.1"))
