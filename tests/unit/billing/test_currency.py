"""Books are kept in hundredths; another currency is refused before the first amount is wrong by a hundred times."""

import pytest
from pydantic import SecretStr, ValidationError

from services.billing.settings import BillingSettings

DATABASE = SecretStr("postgresql://nowhere")


@pytest.mark.parametrize("currency", ["USD", "EUR", "CAD"])
def test_a_currency_with_two_decimals_is_taken(currency: str) -> None:
    assert BillingSettings(database_url=DATABASE, currency=currency).currency == currency


@pytest.mark.parametrize(("currency", "decimals"), [("JPY", 0), ("KWD", 3)])
def test_a_currency_with_other_decimals_is_refused_at_the_start_with_the_reason(currency: str, decimals: int) -> None:
    """FN-01: amounts are counts of the smallest unit, and pages and files show two decimals."""
    with pytest.raises(ValidationError, match=f"{currency} has {decimals} decimals"):
        BillingSettings(database_url=DATABASE, currency=currency)
