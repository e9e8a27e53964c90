"""GTINs as GS1 writes them: digits with a check digit, 8 to 14 of them, kept as 14 (IV-24..27)."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints, WithJsonSchema

LENGTHS = (8, 12, 13, 14)


def checked(digits: str) -> str:
    """The GTIN as 14 digits; `ValueError` when a digit is missing or mistyped."""
    if len(digits) not in LENGTHS or not (digits.isascii() and digits.isdigit()):
        raise ValueError("a GTIN has 8, 12, 13 or 14 digits")
    whole = digits.zfill(14)
    if check_digit(whole[:-1]) != int(whole[-1]):
        raise ValueError("the check digit of this GTIN is wrong: scan or type it again")
    return whole


def check_digit(thirteen: str) -> int:
    """GS1's modulo 10: weights 3 and 1 in turn, the first of thirteen digits weighs 3."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(thirteen))
    return -total % 10


Gtin = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    AfterValidator(checked),
    WithJsonSchema({"type": "string", "pattern": "^([0-9]{8}|[0-9]{12,14})$"}),
]
"""A request's GTIN, with or without leading zeros."""
