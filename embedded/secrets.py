"""What this installation keeps secret: made once, kept in files that only its owner can read."""

import os
import secrets
from pathlib import Path

SECRET_BYTES = 48


class Secrets:
    """`<data>/secrets`: one file a secret, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "secrets"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def get(self, name: str) -> str:
        """The secret of this name, the same for as long as the data live."""
        path = self._folder / name
        try:
            return path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return self._make(path)

    def _make(self, path: Path) -> str:
        """Whole or not at all: a secret that was half written would lock everybody out."""
        value = secrets.token_urlsafe(SECRET_BYTES)
        raw = path.with_suffix(".new")
        raw.unlink(missing_ok=True)
        handle = os.open(raw, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        raw.rename(path)
        return value
