"""Whole amounts for people, out of smallest units for machines."""

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Numeric, SQLColumnExpression, case, cast

_NO_DECIMALS = ("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF")
_HUNDREDTH, _THOUSANDTH = Decimal("0.01"), Decimal("0.001")
"""A product has as many decimals as its factors together; to divide and round would take PostgreSQL twice as long."""
_THREE_DECIMALS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")


def whole(minor: SQLColumnExpression[Any], currency: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    """59900 USD as 599.00: exact, with as many decimals as the currency has (ISO 4217)."""
    exact = cast(minor, Numeric)
    return case(
        (currency.in_(_NO_DECIMALS), exact),
        (currency.in_(_THREE_DECIMALS), exact * _THOUSANDTH),
        else_=exact * _HUNDREDTH,
    )
