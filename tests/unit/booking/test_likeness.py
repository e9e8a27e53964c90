"""Who may be the same person, by what is known of both."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.booking.patients.likeness import Likeness, are_close, likeness
from services.booking.patients.model import Patient


def somebody(**given: Any) -> Patient:
    known = {"given_name": "Mary", "family_name": "Holt", "birth_date": date(1988, 4, 17), "email": None, "phone": None}
    return Patient(id=uuid4(), **{**known, **given})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mary Holt", "mary holt"),
        ("Kate Miller", "Katherine Miller"),
        ("Zoë Müller", "Zoe Muller"),
        ("Holt Mary", "Mary Holt"),
        ("Anne-Marie O'Neil", "Anne Marie ONeil"),
        ("Liz Ames", "Elizabeth Ames"),
    ],
)
def test_names_that_may_be_one(one: str, other: str) -> None:
    assert are_close(one, other)


@pytest.mark.parametrize(("one", "other"), [("Mary Smith", "John Smith"), ("Ada Vance", "Bo Lind"), ("Ana", "Bo")])
def test_names_that_are_plainly_two(one: str, other: str) -> None:
    assert not are_close(one, other)


def test_the_same_birth_date_counts_only_with_a_name_that_is_close() -> None:
    assert likeness(somebody(), somebody(given_name="Marie")) == (Likeness.BORN,)
    assert likeness(somebody(), somebody(given_name="Otto", family_name="Reuter")) == ()
    assert likeness(somebody(), somebody(birth_date=date(1988, 4, 18))) == ()


def test_one_way_to_reach_two_people_counts_whatever_they_are_called() -> None:
    one = somebody(phone="+12125550142", email="Mary@example.com")
    other = somebody(given_name="Otto", birth_date=None, phone="+12125550142", email="mary@EXAMPLE.com")

    assert likeness(one, other) == (Likeness.PHONE, Likeness.EMAIL)


def test_what_is_known_of_neither_makes_nobody_alike() -> None:
    assert likeness(somebody(birth_date=None), somebody(birth_date=None)) == ()
