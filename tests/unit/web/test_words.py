from pathlib import Path

import pytest

from contracts.booking import AppointmentStatus
from services.booking.appointments.transitions import ALLOWED
from web.assets import STATIC
from web.pages.signin import local
from web.refusals import in_words
from web.words import FORWARD, GREY, HUES, STATUSES, STEPS, hue_of

CARDS = Path(STATIC, "css", "cards.css").read_text(encoding="utf-8")


def test_every_status_of_a_visit_has_its_words() -> None:
    assert {status.value for status in AppointmentStatus} == STATUSES.keys()
    assert {status.value for status in ALLOWED} == STATUSES.keys()


def test_the_big_button_knows_every_step_it_may_offer() -> None:
    assert set(FORWARD) <= STEPS.keys()


@pytest.mark.parametrize("hue", [*HUES, GREY])
def test_every_hue_is_drawn(hue: str) -> None:
    assert f".hue-{hue} {{" in CARDS


@pytest.mark.parametrize(
    ("colour", "hue"),
    [
        ("#7c3aed", "violet"),
        ("#db2777", "rose"),
        ("#2563eb", "blue"),
        ("#64748b", "slate"),
        ("#0d9488", "teal"),
        ("#ff0010", "rose"),
        ("#fff", "slate"),
        (None, "slate"),
    ],
)
def test_a_treatment_keeps_the_nearest_hue_to_its_colour(colour: str | None, hue: str) -> None:
    assert hue_of(colour) == hue


def test_a_taken_time_says_by_what_and_where_to_go() -> None:
    told = in_words("slot_taken", "This time is taken.", {"resource": "room", "alternatives": [{}]})

    assert told == "The room is taken at this time. Free near it:"


def test_notes_for_callers_of_the_api_are_not_read_out() -> None:
    assert in_words("too_soon", "This is too soon. `earliest` tells the day.", {}) == "This is too soon."


@pytest.mark.parametrize("path", ["/", "/l/midtown/day/2026-11-23?by=rooms", "/l/midtown/patients"])
def test_signing_in_leads_back_to_where_one_was(path: str) -> None:
    assert local(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/sign-in?next=/",
        "evil",
        "/a\\b",
        "/\t/[",
        "javascript:x",
    ],
)
def test_signing_in_leads_nowhere_else(path: str) -> None:
    assert local(path) == "/"
