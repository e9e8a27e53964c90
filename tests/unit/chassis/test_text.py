"""Text that looks alike is alike, and none can hide, turn around or steer what stands beside it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chassis import text
from chassis.fields import Line, Note

PLANE_ZERO = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=60)
TRICKY = st.text(st.sampled_from("aé\u0301می\u094d\u0937\u200c\u200d\u200b\ufe0f\u2800 \u00a0\u3164👩⚕\u202e\n\t\x85"))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  Mary   Ann \u00a0 Holt ", "Mary Ann Holt"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("Ma\u200bry\ufeff", "Mary"),
        ("Ma\u00adry", "Mary"),
        ("Mary\u200e", "Mary"),
        ("Ma\u200dry", "Mary"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
        ("\u845b\U000e0100\u57ce", "\u845b\U000e0100\u57ce"),
        ("\U0001f469\u200d\u2695\ufe0f", "\U0001f469\u200d\u2695\ufe0f"),
        ("\u3164\u200b \u2800", ""),
    ],
)
def test_what_shows_nothing_is_left_out_unless_a_script_needs_it(sent: str, kept: str) -> None:
    assert text.one_line(sent) == kept


@pytest.mark.parametrize("hostile", ["\u202e", "\u202a", "\u2066", "\x00", "\x07", "\x1b", "\x92", "\x7f"])
def test_what_steers_is_refused_by_its_number(hostile: str) -> None:
    for form in (text.one_line, text.many_lines):
        with pytest.raises(text.UnfitText, match=f"U\\+{ord(hostile):04X}"):
            form(f"Mary{hostile}Holt")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_lines_end_in_one_way_and_a_line_has_no_end(end: str) -> None:
    assert text.many_lines(f"one{end}two") == "one\ntwo"

    with pytest.raises(text.UnfitText):
        text.one_line(f"one{end}two")


@given(PLANE_ZERO | TRICKY)
def test_what_was_brought_in_form_stays_as_it_is(sent: str) -> None:
    for form in (text.one_line, text.many_lines):
        try:
            kept = form(sent)
        except text.UnfitText:
            continue
        assert form(kept) == kept


@given(PLANE_ZERO | TRICKY)
def test_documents_say_exactly_what_is_taken(sent: str) -> None:
    for kind, pattern in ((Line, text.SOME_LINE), (Note, text.ANY_LINES)):
        assert bool(re.search(pattern.replace("$", r"\Z"), sent)) == _is_taken(kind, sent)


def _is_taken(kind: Any, sent: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(sent)
    except ValidationError:
        return False
    return True
