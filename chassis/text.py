"""Text as people see it: each letter in one form, nothing that can't be seen, nothing that turns the rest around.

Two names that look alike must be alike, or somebody is registered twice; and a name must neither rearrange the list
it stands in nor steer a terminal. What shows nothing and changes nothing (zero-width spaces, byte order marks, soft
hyphens: they come along from web pages and spreadsheets) is left out. What changes how the rest is read (control
characters, changes of direction) is refused: without it the text would be another one than was seen when it was sent.
"""

import re
import unicodedata

_TURNING = r"\u202a-\u202e\u2066-\u2069"
_CONTROL = r"\x00-\x1f\x7f-\x9f"
_BREAKS = r"\u2028\u2029"
_UNSEEN = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    r"\ufff0-\ufffb"
)
_UNSEEN_BEYOND = r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
"""Together Unicode's Default_Ignorable_Code_Point, without what is refused and what joins."""
_JOINING = r"\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f"
_JOINING_BEYOND = r"\U000e0100-\U000e01ef"
"""Zero-width joiners and selectors of variants: Persian, Hindi, Japanese names and emoji need them."""

_BRAILLE_BLANK = "\u2800"

_REFUSED = _CONTROL + _TURNING + _BREAKS
_REFUSED_IN_LINES = r"\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f" + _TURNING
_BLANK = r"\s\u2800" + _UNSEEN + _JOINING

ANY_LINE = rf"^[^{_REFUSED}]*$"
"""What `one_line` takes, as documents say it; Python and JavaScript read it alike."""
SOME_LINE = rf"^[^{_REFUSED}]*[^{_REFUSED}{_BLANK}][^{_REFUSED}]*$"
"""The same, with something in it that can be seen."""
ANY_LINES = rf"^[^{_REFUSED_IN_LINES}]*$"
"""What `many_lines` takes."""
SOME_LINES = rf"^[^{_REFUSED_IN_LINES}]*[^{_REFUSED_IN_LINES}{_BLANK}][^{_REFUSED_IN_LINES}]*$"

_not_in_line = re.compile(f"[{_REFUSED}]")
_not_in_lines = re.compile(f"[{_REFUSED_IN_LINES}]")
_unseen = re.compile(f"[{_UNSEEN}{_UNSEEN_BEYOND}]")
_joining = re.compile(f"[{_JOINING}{_JOINING_BEYOND}]+")
_line_end = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")


class UnfitText(ValueError):
    """Text that holds something which steers instead of showing; the message names it."""

    def __init__(self, character: str) -> None:
        name = unicodedata.name(character, "a control character")
        super().__init__(f"it holds U+{ord(character):04X} ({name.lower()}), which no text needs: remove it")


def one_line(text: str) -> str:
    """One line, such as a name: white space at its ends is gone and elsewhere one space. Raises `UnfitText`."""
    if found := _not_in_line.search(text):
        raise UnfitText(found[0])
    return " ".join(_visible(text).split())


def many_lines(text: str) -> str:
    """Text of any number of lines, such as a note; white space inside stays. Raises `UnfitText`."""
    if found := _not_in_lines.search(text):
        raise UnfitText(found[0])
    return _visible(_line_end.sub("\n", text)).strip()


def _visible(text: str) -> str:
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", _unseen.sub("", text).replace(_BRAILLE_BLANK, " "))
    return unicodedata.normalize("NFC", _joining.sub(_kept, composed))


def _kept(found: re.Match[str]) -> str:
    """Joiners stay behind a sign that may take one; the last of them only if there is something to join to."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    if not _takes_joiners(before):
        return ""
    return found[0] if _takes_joiners(after) else found[0].rstrip("\u200c\u200d")


def _takes_joiners(character: str) -> bool:
    """A letter, mark or symbol of any script but Latin."""
    if not character or unicodedata.category(character)[0] not in "LMS":
        return False
    return not unicodedata.name(character, "").startswith(("LATIN", "COMBINING"))
