"""Whether a process is still there."""

from pathlib import Path


def has_gone(pid: int) -> bool:
    """Ended, be it that nobody has fetched its exit code yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
