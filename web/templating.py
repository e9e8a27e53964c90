"""How values read on a page: money, times, dates and plain words; and the templates that use them."""

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path

import phonenumbers
from babel.numbers import format_currency
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts.identity import CLINIC, CLINICAL
from contracts.values import Money
from web import areas, elapsed, labels
from web.assets import Assets
from web.typed import shown_quantity
from web.words import STATUSES

TEMPLATES = Path(__file__).parent / "templates"
MODULES = ("shell", "dialogs", "toasts", "keys", "search")
"""Scripts of the shell, told to the browser early so that it fetches them side by side."""


def templates(assets: Assets) -> Environment:
    """The template environment: a name that is missing is an error, everything is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(icon=assets.icon, asset=assets.url, shell_modules=MODULES)
    environment.filters.update(
        clock=clock,
        day=day,
        short_day=short_day,
        money=money,
        plural=plural,
        listed=listed,
        moment=moment,
        phone=phone,
        spoken=spoken,
    )
    environment.globals.update(labels=labels, statuses=STATUSES, clinic=CLINIC, clinical=CLINICAL)
    environment.filters.update(
        ago=elapsed.ago,
        calendar_day=calendar_day,
        depth=areas.depth_text,
        expiry=elapsed.expiry,
        label=labels.label,
        quantity=shown_quantity,
        until=elapsed.until,
    )
    return environment


def clock(at: datetime | time) -> str:
    """9:30 am."""
    return f"{at.hour % 12 or 12}:{at.minute:02} {'am' if at.hour < 12 else 'pm'}"


def day(on: date) -> str:
    """Monday, November 23."""
    return f"{on:%A}, {on:%B} {on.day}"


def short_day(on: date) -> str:
    """Mon, Nov 23, 2026."""
    return f"{on:%a}, {on:%b} {on.day}, {on.year}"


def calendar_day(on: date) -> str:
    """Nov 23, 2026."""
    return f"{on:%b} {on.day}, {on.year}"


def spoken(at: datetime) -> str:
    """Mon, Nov 23 at 9:30 am."""
    return f"{at:%a}, {at:%b} {at.day} at {clock(at)}"


def moment(at: datetime) -> str:
    """Nov 23, 9:30 am."""
    return f"{at:%b} {at.day}, {clock(at)}"


@lru_cache(maxsize=4096)
def money(amount: Money) -> str:
    """$1,599.00."""
    return str(format_currency(amount.minor / 100, amount.currency, locale="en_US"))


@lru_cache(maxsize=4096)
def phone(number: str) -> str:
    """+1 212-555-0134; what can't be read as a number stays as it is."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number


def plural(count: int, one: str, many: str | None = None) -> str:
    """1 session, 2 sessions."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1] if words else "") if part)
