"""Finding prices."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import select, tuple_

from chassis.db import Tx
from contracts.values import LocationId
from services.billing.prices.model import Price
from services.billing.prices.pricing import in_force

Place = tuple[LocationId, str]
"""A treatment at a location."""


async def prices_at(tx: Tx, places: Collection[Place]) -> Mapping[Place, list[Price]]:
    """Every price these treatments ever had at these locations."""
    found: dict[Place, list[Price]] = defaultdict(list)
    if places:
        wanted = tuple_(Price.location_id, Price.treatment).in_(sorted(places))
        for price in await tx.scalars(select(Price).where(wanted)):
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
