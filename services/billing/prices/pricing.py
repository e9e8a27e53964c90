"""Arithmetic of prices: which one counts on a day, when to warn, what a package costs by default."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from contracts.values import Money


class Dated(Protocol):
    @property
    def effective_on(self) -> date: ...


Kind = TypeVar("Kind", bound=Dated)


def in_force(prices: Iterable[Kind], on: date) -> Kind | None:
    """The latest price that had begun on that day."""
    begun = [price for price in prices if price.effective_on <= on]
    return max(begun, key=lambda price: price.effective_on, default=None)


def is_unusual(price: Money, *, low_minor: int, high_minor: int) -> bool:
    """Outside of what a session usually costs: worth a second look, not an error (CL-96). Free is on purpose."""
    return price.minor != 0 and not low_minor <= price.minor <= high_minor


@dataclass(frozen=True, slots=True)
class Offer:
    """A package as it is suggested to the desk."""

    sessions: int
    regular: Money
    """As many single sessions at list price."""
    price: Money


def offers(list_price: Money, discount_percent: Mapping[int, int]) -> list[Offer]:
    """One offer per package size, the discount rounded half up to the smallest unit."""
    return [_offer(list_price, sessions, percent) for sessions, percent in sorted(discount_percent.items())]


def _offer(list_price: Money, sessions: int, percent: int) -> Offer:
    regular = list_price.minor * sessions
    price = (regular * (100 - percent) + 50) // 100
    return Offer(
        sessions,
        regular=Money(minor=regular, currency=list_price.currency),
        price=Money(minor=price, currency=list_price.currency),
    )
