"""What inventory tells a treatment record: the usual products of a treatment, and the lots they can come from."""

from datetime import date
from uuid import UUID

from contracts.values import BaseUnit
from web.api import Api
from web.clients.shape import Shape


class UsableLot(Shape):
    """A lot that may be used on a day, the first to expire first."""

    lot_id: UUID
    lot_number: str | None = None
    expires_on: date | None = None
    on_hand: int


class Suggestion(Shape):
    """One product that a treatment usually takes, with the lot that expires first."""

    item_id: UUID
    code: str
    name: str
    unit: BaseUnit
    item_class: str = ""
    quantity: int
    lot_id: UUID | None = None
    """None: no usable lot lies at this location."""
    lot_number: str | None = None
    expires_on: date | None = None
    lots: tuple[UsableLot, ...] = ()
    """All that can be used, the first to expire first."""


async def suggestions(api: Api, location_id: UUID, treatment: str, on: date) -> tuple[Suggestion, ...]:
    return await api.get(
        "inventory",
        "/suggestions",
        tuple[Suggestion, ...],
        location_id=location_id,
        treatment=treatment,
        on=on.isoformat(),
    )


async def usable_lots(api: Api, item_id: UUID, location_id: UUID, on: date) -> tuple[UsableLot, ...]:
    return await api.get(
        "inventory",
        f"/items/{item_id}/lots",
        tuple[UsableLot, ...],
        location_id=location_id,
        on=on.isoformat(),
    )
