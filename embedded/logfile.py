"""The log of the embedded mode: a file that only its owner reads, and that never outgrows its place."""

import contextlib
import io
from logging.handlers import RotatingFileHandler
from pathlib import Path

from embedded import private

FILE_BYTES_MAX = 20 * 1024 * 1024
FILES_BEFORE = 4
"""How many full ones are kept, as `<name>.1` (the last one) to `<name>.4`."""


class LogFile(io.TextIOBase):
    """A text file for whole lines, each followed by a flush; a full one is put aside and a new one begun.

    What can't be written, because the disk is full, is lost: a log must not stop a clinic.
    """

    def __init__(self, path: Path, *, bytes_max: int = FILE_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._files = _Files(path, backupCount=FILES_BEFORE, encoding="utf-8")

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._files.stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._files.stream.flush()
            if self._files.stream.tell() >= self._bytes_max:
                self._files.doRollover()

    def close(self) -> None:
        super().close()  # flushes
        with contextlib.suppress(OSError):
            self._files.close()


class _Files(RotatingFileHandler):
    stream: io.TextIOWrapper

    def _open(self) -> io.TextIOWrapper:
        private.made(Path(self.baseFilename))
        return super()._open()
