"""What people type is read kindly, and never guessed at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import BaseUnit, Money
from web import typed
from web.exports import amount


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("599", 59900),
        ("$1,599.00", 159900),
        (" 0.05 ", 5),
        ("1599.5", 159950),
        (".5", 50),
        ("12,345,678.90", 1234567890),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, minor: int) -> None:
    assert typed.money(text) == Money(minor=minor)


@pytest.mark.parametrize("text", ["", "0", "-5", "1.234", "1,5", "12,34", "1e5", "NaN", "six", "0.001", "9" * 13, "٣"])
def test_what_is_no_amount_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(typed.Misread, match=r"such as 599"):
        typed.money(text)


@given(st.integers(min_value=1, max_value=10**9))
def test_a_shown_amount_reads_back_as_itself(minor: int) -> None:
    assert typed.money(amount(Money(minor=minor))) == Money(minor=minor)


@pytest.mark.parametrize(
    ("text", "unit", "count"),
    [
        ("24", BaseUnit.EACH, 24),
        ("2.5", BaseUnit.CENTI_ML, 250),
        ("3 ml", BaseUnit.CENTI_ML, 300),
        ("5g", BaseUnit.CENTI_G, 500),
    ],
)
def test_quantities_are_read_in_the_items_unit(text: str, unit: BaseUnit, count: int) -> None:
    assert typed.quantity(text, unit) == count


def test_half_a_piece_is_refused() -> None:
    with pytest.raises(typed.Misread):
        typed.quantity("2.5", BaseUnit.EACH)


@given(st.integers(min_value=1, max_value=10**8), st.sampled_from(BaseUnit))
def test_a_quantity_in_a_field_reads_back_as_itself(count: int, unit: BaseUnit) -> None:
    assert typed.quantity(str(typed.measured(count, unit)), unit) == count


def test_quantities_are_shown_with_their_unit() -> None:
    shown = [typed.shown_quantity(*each) for each in ((1200, "each"), (250, "0.01ml"), (-500, "0.01g"))]

    assert shown == ["1,200", "2.50 ml", "-5.00 g"]


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("17", 17), ("", None), ("-1", None), ("²", None), ("٣", None), ("9" * 5000, None)]
)
def test_a_number_that_our_page_put_there_is_read_and_any_other_is_none(text: str, number: int | None) -> None:
    assert typed.whole(text) == number


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Fernhill Midtown", "fernhill-midtown"),
        ("  St. John's, 2nd floor ", "st-john-s-2nd-floor"),
        ("Zürich Süd", "zurich-sud"),
        ("診療所", ""),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_a_code_is_made_of_a_name(name: str, code: str) -> None:
    assert typed.code(name) == code
