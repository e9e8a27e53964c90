"""How a patient is written down so that they are found again."""

import pytest

from services.booking.patients.model import PhoneNotValid, folded, search_text, sort_key
from services.booking.patients.usecases import e164
from services.booking.practitioners.usecases import initials_of


@pytest.mark.parametrize("written", ["(212) 555-0142", "+1 212 555 0142", "212.555.0142", "12125550142"])
def test_a_number_has_one_form_however_it_is_written(written: str) -> None:
    assert e164(written, "US") == "+12125550142"


@pytest.mark.parametrize("written", ["123", "call me", "+1 000 000 0000", "x" * 100])
def test_what_cannot_be_called_is_refused(written: str) -> None:
    with pytest.raises(PhoneNotValid):
        e164(written, "US")


def test_accents_and_case_do_not_matter() -> None:
    assert folded("Zoë MÜLLER") == "zoe muller"


def test_each_part_of_a_name_can_be_looked_for_by_its_beginning() -> None:
    text = search_text(given_name="Anne-Marie", family_name="O’Neil", email="AM@example.com", phone="+12125550142")

    assert all(f" {part}" in text for part in ("anne", "marie", "neil", "am@example.com", "1212"))


def test_lists_are_in_the_order_of_family_names() -> None:
    names = [("Zoe", "Abel"), ("Anna", "Abelson"), ("Adam", "Abel")]

    assert sorted(names, key=lambda name: sort_key(*name)) == [("Adam", "Abel"), ("Zoe", "Abel"), ("Anna", "Abelson")]


@pytest.mark.parametrize(("name", "initials"), [("Maya Ortiz", "MO"), ("Cher", "C"), ("Ana de la Cruz", "AC")])
def test_initials_come_from_the_first_and_the_last_name(name: str, initials: str) -> None:
    assert initials_of(name) == initials
