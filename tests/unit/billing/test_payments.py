"""A card payment can be found again, and no card number is ever written down."""

import pytest
from pydantic import ValidationError

from contracts.values import Money, PaymentMethod
from services.billing.payments.api import PaymentIn, holds_card_number
from services.billing.payments.model import ReferenceNeeded, Tender


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("4242424242424242", True),
        ("4242 4242-4242 4242", True),
        ("378282246310005", True),
        ("T 4111111111111111", True),
        ("x4111111111111111", True),
        ("4111.1111.1111.1111", True),
        ("4111/1111/1111/1111", True),
        ("T1 4111 1111 1111 1111 12/29", True),
        ("74537604221431003881865", False),
        ("4242424242424241", False),
        ("T1-004711", False),
        ("202611210042", False),
    ],
)
def test_a_card_number_is_told_from_a_reference(text: str, *, is_one: bool) -> None:
    assert holds_card_number(text) is is_one


def test_a_card_number_is_refused_as_a_reference() -> None:
    with pytest.raises(ValidationError, match="card number"):
        PaymentIn.model_validate(
            {"method": "card_terminal", "amount": {"minor": 100}, "reference": "4242 4242 4242 4242"}
        )


@pytest.mark.parametrize("typed", ["AbC-1", "abc-1", "AbC-1 ", "  ABC-1"])
def test_one_slip_is_one_reference_however_it_is_typed(typed: str) -> None:
    paid = PaymentIn.model_validate({"method": "card_terminal", "amount": {"minor": 100}, "reference": typed})

    assert paid.reference == "ABC-1"


@pytest.mark.parametrize(
    ("method", "reference", "is_fine"),
    [
        (PaymentMethod.CARD_TERMINAL, "T-1", True),
        (PaymentMethod.CARD_TERMINAL, None, False),
        (PaymentMethod.CASH, None, True),
        (PaymentMethod.CASH, "T-1", False),
    ],
)
def test_a_card_needs_a_reference_and_cash_has_none(
    method: PaymentMethod, reference: str | None, *, is_fine: bool
) -> None:
    tender = Tender(method, Money(minor=100), reference)

    if is_fine:
        tender.check()
    else:
        with pytest.raises(ReferenceNeeded):
            tender.check()


@pytest.mark.parametrize("minor", [0, -100, 100_000_001])
def test_an_amount_is_above_zero_and_below_a_million(minor: int) -> None:
    with pytest.raises(ValidationError):
        PaymentIn.model_validate({"method": "cash", "amount": {"minor": minor}})
