"""Amounts as they come in at a door: bounded, so that a slip of the finger is refused with its field."""

from pydantic import BaseModel, ConfigDict, Field

from chassis.fields import Whole
from contracts.values import CurrencyCode, Money

MINOR_MAX = 100_000_000
"""A million: far above any package."""


class _Amount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    minor: Whole
    currency: CurrencyCode = "USD"

    @property
    def money(self) -> Money:
        return Money(minor=self.minor, currency=self.currency)


class PriceAmount(_Amount):
    """A list price in the smallest unit of its currency; zero is free of charge."""

    minor: Whole = Field(ge=0, le=MINOR_MAX, examples=[59900])


class PaidAmount(_Amount):
    """An amount that changes hands, in the smallest unit of its currency."""

    minor: Whole = Field(ge=1, le=MINOR_MAX, examples=[149900])
