"""What people type into forms: amounts of money, quantities, dates; read kindly, refused with the way out."""

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from contracts.values import BaseUnit, Money

DECIMALS = {BaseUnit.EACH: 0, BaseUnit.CENTI_ML: 2, BaseUnit.CENTI_G: 2}
SHOWN_UNIT = {BaseUnit.EACH: "", BaseUnit.CENTI_ML: "ml", BaseUnit.CENTI_G: "g"}
DIGITS_MAX = 12
CODE_LETTERS_MAX = 40


class Misread(ValueError):
    """What was typed can't be read; the text says what would be."""


def money(text: str, *, currency: str = "USD") -> Money:
    """`599`, `$1,599.00`; never less than one cent."""
    number = _number(text.replace("$", ""), decimals=2)
    if number is None or number <= 0:
        raise Misread("Enter an amount, such as 599 or 599.50.")
    return Money(minor=int(number * 100), currency=currency)


def price(text: str, *, currency: str = "USD") -> Money:
    """`450`, `$1,599.00`; 0 means free of charge."""
    number = _number(text.replace("$", ""), decimals=2)
    if number is None:
        raise Misread("Enter a price, such as 450 or 450.50; 0 means free of charge.")
    return Money(minor=int(number * 100), currency=currency)


def quantity(text: str, unit: BaseUnit) -> int:
    """What was typed in pieces, ml or g, in the item's base unit (IV-02)."""
    decimals = DECIMALS[unit]
    number = _number(re.sub(r"(?i)\s*(ml|g|pcs)\s*$", "", text), decimals=decimals)
    if number is None or number <= 0:
        raise Misread("Enter a whole number above zero." if decimals == 0 else "Enter a number above zero.")
    return int(number.scaleb(decimals))


def code(text: str) -> str:
    """`Fernhill Midtown` → `fernhill-midtown`: without accents; what is no letter or digit parts words."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall("[a-z0-9]+", plain))[:CODE_LETTERS_MAX].strip("-")


def day(text: str) -> date:
    """A date as the date field of a browser sends it."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Misread("Enter a date, such as 2027-06-30.") from None


def time_of_day(text: str) -> str:
    """A wall time as the time field of a browser sends it, on the five minutes that visits begin on."""
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])(:00)?", text.strip())
    if found is None or int(found[2]) % 5:
        raise Misread("Enter both times on full five minutes, such as 09:00 and 17:30.")
    return f"{found[1]}:{found[2]}"


def whole(text: str) -> int | None:
    """A number that our page put into a field; None where it is none, or longer than any of ours."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def reference(text: str) -> UUID | None:
    """The id that a choice on our page stands for; None where nothing was chosen, or nothing that we offer."""
    try:
        return UUID(text)
    except ValueError:
        return None


def shown_quantity(count: int, unit: BaseUnit | str) -> str:
    """24, 3.00 ml, 5.00 g."""
    return f"{measured(count, unit):,} {SHOWN_UNIT[BaseUnit(unit)]}".rstrip()


def measured(count: int, unit: BaseUnit | str) -> Decimal:
    """A quantity as a number of pieces, ml or g, without its unit: for fields that one types into, and for files."""
    return Decimal(count).scaleb(-DECIMALS[BaseUnit(unit)])


def _number(text: str, *, decimals: int) -> Decimal | None:
    bare = text.strip().replace(" ", "")
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", bare):
        bare = bare.replace(",", "")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?|\.[0-9]+", bare) or len(bare) > DIGITS_MAX:
        return None
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return None
    return number if number == round(number, decimals) else None
