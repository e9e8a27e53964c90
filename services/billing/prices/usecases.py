"""What may be done with prices."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.clock import new_id
from chassis.db import Tx, one
from chassis.outbox import emit
from contracts.values import LocationId, Money
from services.billing.catalogue.model import Location
from services.billing.catalogue.usecases import must_know_treatment
from services.billing.prices.model import Price


@dataclass(frozen=True, slots=True)
class NewPrice:
    treatment: str
    location_id: LocationId
    price: Money
    effective_on: date


async def set_price(tx: Tx, new: NewPrice, *, at: datetime) -> Price:
    """Charge this for the treatment at the location from that day on; said twice, it is told once."""
    await one(tx, Location, new.location_id)
    await must_know_treatment(tx, new.treatment)
    price = await _price_of_the_day(tx, new)
    changed = price.change(new.price, at=at)
    if changed:
        emit(tx, changed)
    return price


async def _price_of_the_day(tx: Tx, new: NewPrice) -> Price:
    """The row of that treatment, location and day, locked; made when there is none."""
    key = {"treatment": new.treatment, "location_id": new.location_id, "effective_on": new.effective_on}
    row = {"id": new_id(), "version": 0, "amount": new.price.minor, "currency": new.price.currency, **key}
    await tx.execute(insert(Price).values(row).on_conflict_do_nothing(constraint="uq_price_location_treatment_day"))
    return (await tx.scalars(select(Price).filter_by(**key).with_for_update())).one()
