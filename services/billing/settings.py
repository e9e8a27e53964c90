"""What billing can be told from outside."""

from typing import Annotated

from pydantic import AfterValidator, Field

from chassis.errors import Refused
from chassis.settings import ServiceSettings
from contracts.values import CurrencyCode, Money
from services.billing.currency import must_have_hundredths
from services.billing.packages.model import Terms


class WrongCurrency(Refused):
    """This chain keeps its books in another currency."""


class BillingSettings(ServiceSettings):
    currency: Annotated[CurrencyCode, AfterValidator(must_have_hundredths)] = "USD"
    """The one currency of the chain's prices and payments (FN-01), with two decimals."""
    price_warning_low_minor: int = 30_000
    price_warning_high_minor: int = 70_000
    """A list price outside of this is kept, with a warning (CL-96)."""
    package_months: int | None = Field(default=18, ge=1)
    """How long a package is good for; None where prepaid services may not expire (FN-14)."""
    package_discount_percent: dict[int, int] = Field(default={3: 10, 4: 12, 6: 15})
    """What is suggested off the list price, by number of sessions; the desk may agree on another price."""
    package_terms_version: str = "2026-11"
    """The text the patient agreed to (FN-12)."""

    @property
    def terms(self) -> Terms:
        """What a package is sold under today."""
        return Terms(months=self.package_months, version=self.package_terms_version)

    def must_be_ours(self, *amounts: Money) -> None:
        """Refuse amounts of another currency before they reach the books."""
        for amount in amounts:
            if amount.currency != self.currency:
                raise WrongCurrency(currency=amount.currency, expected=self.currency)
