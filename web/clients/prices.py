"""What billing tells of list prices: what a single session costs at a location, and what it will cost next."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from contracts.values import Money
from web.api import Api
from web.clients.shape import Shape


class NextPrice(Shape):
    """A price that has been set and is not charged yet."""

    price: Money
    effective_on: date


class Price(Shape):
    """What a treatment costs at a location on a day, and from when on."""

    treatment: str
    location_id: UUID
    price: Money
    effective_on: date
    next: NextPrice | None = None


class PriceSet(Shape):
    """A price as it was just set, and how many completed sessions had waited for it."""

    price: Money
    effective_on: date
    settled: int


async def price_list(api: Api, location_id: UUID) -> dict[str, Price]:
    """List prices at a location by treatment; those that nobody has priced are missing."""
    found = await api.get("billing", "/prices", tuple[Price, ...], location_id=location_id)
    return {each.treatment: each for each in found}


async def prices(api: Api, location_id: UUID) -> dict[str, Money]:
    """The amounts alone."""
    return {treatment: each.price for treatment, each in (await price_list(api, location_id)).items()}


async def set_price(api: Api, body: Mapping[str, Any], *, key: str) -> PriceSet:
    """Charge this from a day on; zero means free of charge."""
    return await api.put("billing", "/prices", body, PriceSet, key=key)
