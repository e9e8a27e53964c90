"""Whole amounts for people, out of smallest units for machines."""

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from sqlalchemy import ColumnElement, Numeric, SQLColumnExpression, cast

DECIMALS = 2
"""Of every currency that books can be kept in: forms, pages and files count in hundredths."""
_HUNDREDTH = Decimal("0.01")
"""A product has as many decimals as its factors together; to divide and round would take PostgreSQL twice as long."""


def whole(minor: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    """59900 as 599.00: exact."""
    return cast(minor, Numeric) * _HUNDREDTH


def must_have_hundredths(currency: str) -> str:
    """The currency, unless pages show it with none, like JPY, or with three, like KWD (CLDR): ValueError then."""
    decimals = get_currency_precision(currency)
    if decimals != DECIMALS:
        raise ValueError(f"{currency} has {decimals} decimals; books can be kept in currencies with two only")
    return currency
