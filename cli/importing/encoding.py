"""Which encoding a file is in, judged by all of its bytes and read in pieces."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

PIECE_BYTES = 1 << 20
SAMPLE_BYTES = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = ["cp1252", "mac_roman", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp437", "cp850"]
"""What office programs of the last thirty years saved; Unicode is recognised by its own rules before."""


class UnknownEncodingError(ValueError):
    """The name of an encoding that Python does not know."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is no encoding we know; common ones are utf-8, cp1252 and utf-16.")


def checked(name: str) -> str:
    """The name as Python writes it; raises `UnknownEncodingError`."""
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise UnknownEncodingError(name) from error


def of(file: Path, *, stated: str | None) -> str:
    """The encoding of a text file: its byte order mark, else what is stated, else what its bytes tell."""
    head = _head(file)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    return checked(stated) if stated else _detected(file, head)


def lines_in(file: Path) -> int:
    """About how many lines there are: the length of the way for a progress bar."""
    return sum(piece.count(b"\n") for piece in _pieces(file)) + 1


def _detected(file: Path, head: bytes) -> str:
    """UTF-16 by its zeros, UTF-8 if all of it is, else a guess among code pages."""
    if wide := _by_zeros(head):
        return wide
    return "utf-8" if _is_utf8(file) else _legacy(file)


def _head(file: Path) -> bytes:
    with file.open("rb") as raw:
        return raw.read(4096)


def _by_zeros(head: bytes) -> str | None:
    """Latin text in UTF-16 has a zero in every second byte: the odd ones when the low byte comes first."""
    half = len(head) // 2
    if half and head[1::2].count(0) > half * 0.4:
        return "utf-16-le"
    if half and head[0::2].count(0) > half * 0.4:
        return "utf-16-be"
    return None


def _is_utf8(file: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _pieces(file):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _legacy(file: Path) -> str:
    """One byte a letter: Western Windows unless another code page makes clearly more sense of the letters."""
    matches = list(from_bytes(_telling_lines(file), cp_isolation=_LEGACY))
    if not matches:
        return "cp1252"
    western = [match for match in matches if "cp1252" in match.could_be_from_charset]
    if western and western[0].chaos <= matches[0].chaos:
        return "cp1252"
    return matches[0].encoding


def _telling_lines(file: Path) -> bytes:
    """The first lines that hold a byte above ASCII: the others tell nothing."""
    telling: list[bytes] = []
    size = 0
    with file.open("rb") as raw:
        for line in raw:
            if not line.isascii():
                telling.append(line)
                size += len(line)
            if size > SAMPLE_BYTES:
                break
    return b"".join(telling)[:SAMPLE_BYTES]


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as raw:
        while piece := raw.read(PIECE_BYTES):
            yield piece
