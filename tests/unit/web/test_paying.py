"""Payments are read line by line, add up exactly, and an unusual price is asked about."""

import pytest

from contracts.values import Money, PaymentMethod
from web import paying
from web.forms import Entered
from web.paying import Tender

PRICE = Money(minor=149900)


def sent(**values: str) -> Entered:
    return Entered.blank(**{name.replace("_", "-"): value for name, value in values.items()})


def test_a_split_payment_is_read_line_by_line() -> None:
    form = sent(
        method_0="card_terminal", amount_0="1,000", reference_0="T-17", method_1="cash", amount_1="499", reference_1="x"
    )

    found = paying.tenders(form)

    assert found == [
        Tender(PaymentMethod.CARD_TERMINAL, Money(minor=100000), "T-17"),
        Tender(PaymentMethod.CASH, Money(minor=49900), ""),
    ]
    assert found[1].body == {"method": "cash", "amount": {"minor": 49900, "currency": "USD"}}


def test_a_card_payment_needs_the_number_of_its_slip() -> None:
    form = sent(method_0="card_terminal", amount_0="100")

    paying.tenders(form)

    assert "slip" in form.errors["reference-0"]


def test_an_empty_second_line_is_no_payment() -> None:
    form = sent(method_0="cash", amount_0="1499.00", method_1="cash", amount_1="")

    assert len(paying.tenders(form)) == 1
    assert form.is_fine


@pytest.mark.parametrize(("amount", "told"), [("1400", "$99.00 too little"), ("1500", "$1.00 too much")])
def test_payments_must_add_up_to_the_price(amount: str, told: str) -> None:
    form = sent(method_0="cash", amount_0=amount)

    paying.must_cover(form, paying.tenders(form), PRICE)

    assert told in form.errors["amount-0"]


def test_exactly_the_price_is_fine() -> None:
    form = sent(method_0="cash", amount_0="1000", method_1="cash", amount_1="499")

    paying.must_cover(form, paying.tenders(form), PRICE)

    assert form.is_fine


@pytest.mark.parametrize(("minor", "unusual"), [(89_999, True), (90_000, False), (210_000, False), (210_001, True)])
def test_a_price_outside_300_to_700_a_session_is_unusual(minor: int, *, unusual: bool) -> None:
    """CL-96: a warning, not a refusal."""
    assert paying.is_unusual(Money(minor=minor), 3) is unusual
