"""Whole amounts for people, out of smallest units for machines."""

from typing import Any

from sqlalchemy import ColumnElement, Numeric, SQLColumnExpression, case, cast, func

_NO_DECIMALS = ("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF")
_THREE_DECIMALS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")


def whole(minor: SQLColumnExpression[Any], currency: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    """59900 USD as 599.00: exact, with as many decimals as the currency has (ISO 4217)."""
    exact = cast(minor, Numeric)
    return case(
        (currency.in_(_NO_DECIMALS), exact),
        (currency.in_(_THREE_DECIMALS), func.round(exact / 1000, 3)),
        else_=func.round(exact / 100, 2),
    )
