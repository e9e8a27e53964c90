"""What a data folder holds: nothing yet, a chain of one's own, or the demo chain; kept in `<data>/contents.json`.

Real data are never replaced by demo data: they are loaded only into a folder that held nothing, and a load that did
not finish is the only thing that is ever thrown away.
"""

import os
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from embedded import private


class Holding(StrEnum):
    NOTHING = "nothing"
    OWN = "own"
    LOADING = "loading"
    """The demo data are on their way in; found at a start, it means that this was cut short."""
    DEMO = "demo"


class Account(BaseModel):
    """Somebody who can sign in to the demo chain."""

    model_config = ConfigDict(frozen=True)

    email: str
    password: str
    label: str


class Contents(BaseModel):
    model_config = ConfigDict(frozen=True)

    holding: Holding = Holding.NOTHING
    accounts: tuple[Account, ...] = ()
    """Of the demo chain only."""


def read(folder: Path) -> Contents:
    """What this folder says it holds."""
    try:
        return Contents.model_validate_json(_file(folder).read_bytes())
    except FileNotFoundError:
        return Contents()


def write(folder: Path, contents: Contents) -> None:
    """Say so from now on; whole or not at all, also when the machine stops in between."""
    raw = _file(folder).with_suffix(".new")
    with private.made(raw).open("wb") as out:
        out.write(contents.model_dump_json(indent=2).encode())
        out.flush()
        os.fsync(out.fileno())
    raw.rename(_file(folder))


def _file(folder: Path) -> Path:
    return folder / "contents.json"
