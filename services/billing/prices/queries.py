"""Finding prices."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import select

from chassis.db import Tx
from chassis.many import Many
from contracts.values import LocationId
from services.billing.prices.model import Price
from services.billing.prices.pricing import in_force

Place = tuple[LocationId, str]
"""A treatment at a location."""

_PLACES = Many(Price, "location_id", "treatment")
_AT_PLACES = select(Price).join(
    _PLACES.rows, (_PLACES.c.location_id == Price.location_id) & (_PLACES.c.treatment == Price.treatment)
)


async def prices_at(tx: Tx, places: Collection[Place]) -> Mapping[Place, list[Price]]:
    """Every price these treatments ever had at these locations."""
    found: dict[Place, list[Price]] = defaultdict(list)
    if places:
        wanted = _PLACES.of({"location_id": location, "treatment": treatment} for location, treatment in places)
        for price in await tx.scalars(_AT_PLACES, wanted):
            found[price.location_id, price.treatment].append(price)
    return found


async def price_on(tx: Tx, place: Place, day: date) -> Price | None:
    """The list price in force on a day, None when nobody has set one."""
    return in_force((await prices_at(tx, [place])).get(place, ()), day)


async def price_list(tx: Tx, location_id: LocationId) -> Sequence[Price]:
    """All prices of a location: by treatment, the newest first."""
    rows = await tx.scalars(
        select(Price).where(Price.location_id == location_id).order_by(Price.treatment, Price.effective_on.desc())
    )
    return rows.all()
