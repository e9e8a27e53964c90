"""The mapping file: which column of an export is which field of ours, and how its values are written."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from chassis import plain_words
from chassis.zones import UnknownZone, zone_named
from cli.importing import encoding, reading
from cli.importing.kinds import STATUSES, Kind, Shape, Target

_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


class MappingError(ValueError):
    """The mapping file can't be used; the message says which entry and what it should be."""


def _zone(name: str) -> str:
    try:
        zone_named(name)
    except UnknownZone as error:
        raise ValueError(f"{name!r} is no IANA time zone such as America/New_York") from error
    return name


Zone = Annotated[str, AfterValidator(_zone)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FilePart(_Part):
    """How the file is written; `auto` is found out by looking at it."""

    encoding: str = "auto"
    separator: str = "auto"
    """One character, or the word comma, semicolon, tab or pipe."""
    quote: str = Field(default='"', min_length=1, max_length=1)
    escape: str | None = Field(default=None, min_length=1, max_length=1)
    header_row: int = Field(default=1, ge=1, le=100)
    short_rows: Literal["reject", "pad"] = "reject"
    empty: list[str] = ["", "NULL", "null", "N/A", "n/a", "-"]
    """Words that mean: nothing is known."""

    def form_of(self, file: Path) -> reading.Format:
        """The format of this file, with `auto` resolved."""
        name = encoding.of(file, stated=None if self.encoding == "auto" else self.encoding)
        separator = _SEPARATORS.get(self.separator, self.separator)
        if separator == "auto":
            separator = reading.separator_of(file, name, quote=self.quote)
        return reading.Format(name, separator, self.quote, self.escape, self.header_row, self.short_rows)


class ImportMap(_Part):
    """A whole mapping file."""

    kind: Kind | None = None
    source: str | None = None
    """Which system the ids are of: two systems may both have a client 1001. Not for stock."""
    file: FilePart = FilePart()
    columns: dict[str, str | list[str]]
    """Our field → the name of a column, or of several whose values are joined by a space."""
    constants: dict[str, str] = {}
    """Our field → the same value for every row."""
    formats: dict[str, str | list[str]] = {}
    """Our field → how days and times are written, as for strptime; ISO 8601 when nothing is stated."""
    zones: dict[str, Zone] = {}
    """Our field → the zone that its times are in, when it is not the location's own."""
    scale: dict[str, int] = {}
    """Our field → base units of one of theirs: 100 turns millilitres into hundredths."""
    words: dict[str, dict[str, str]] = {}
    """Our field → their word → our word; `*` stands for every other word."""

    @model_validator(mode="after")
    def _words_are_ours(self) -> Self:
        unknown = set(self.words.get("status", {}).values()) - STATUSES
        if unknown:
            raise ValueError(
                f"words.status maps to {', '.join(sorted(unknown))}; use one of {', '.join(sorted(STATUSES))}"
            )
        return self

    def fit(self, target: Target) -> None:
        """Raise `MappingError` unless every field named here exists, and every required one is filled."""
        names = {field.name for field in target.fields}
        for part in ("columns", "constants", "formats", "zones", "scale", "words"):
            if unknown := set(getattr(self, part)) - names:
                raise MappingError(
                    f"[{part}] {', '.join(sorted(unknown))}: no such field; there are {', '.join(sorted(names))}."
                )
        if self.source and not target.has_source:
            raise MappingError("source: the rows of this kind are told apart by external_id alone.")
        filled = set(self.columns) | set(self.constants)
        missing = [field.name for field in target.fields if field.required and field.name not in filled]
        if missing:
            raise MappingError(f"[columns] does not say where {', '.join(missing)} come from.")
        self._zones_fit(target)

    def _zones_fit(self, target: Target) -> None:
        for name in self.zones:
            field = target.field(name)
            if field is None or field.shape is not Shape.MOMENT:
                raise MappingError(f"[zones] {name}: only a field with a time of day has a zone.")


def load(path: Path, kind: Kind) -> ImportMap:
    """The mapping in this file, checked for this kind of import."""
    try:
        found = ImportMap.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{path} is not valid TOML: {error}.") from error
    except UnicodeDecodeError as error:
        raise MappingError(f"{path} is not UTF-8; save it as UTF-8.") from error
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, each['loc']))}: {_said(each)}" for each in error.errors())
        raise MappingError(f"{path}: {'; '.join(wrong)}.") from error
    if found.kind not in (None, kind):
        raise MappingError(f"{path} maps {found.kind}, not {kind}.")
    return found


def _said(error: ErrorDetails) -> str:
    return plain_words.of(error["type"], error["msg"], error.get("ctx"))


def opened(file: Path, told: ImportMap) -> reading.Table:
    """The file, read as its mapping says."""
    return reading.Table(file, told.file.form_of(file))
