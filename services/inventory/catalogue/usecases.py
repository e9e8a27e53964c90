"""Learning of locations and treatments, and asking for them."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from sqlalchemy import select

from chassis.db import Tx, keep_newest, one
from chassis.zones import zone_named
from contracts.booking import LocationChanged, TreatmentChanged
from contracts.values import LocationId
from services.inventory.catalogue.model import Location, Treatment


async def learn_location(tx: Tx, fact: LocationChanged) -> None:
    row = {
        "id": fact.location_id,
        "version": fact.version,
        "code": fact.code,
        "name": fact.name,
        "zone": fact.zone,
        "active": fact.active,
    }
    await keep_newest(tx, Location, row)


async def learn_treatment(tx: Tx, fact: TreatmentChanged) -> None:
    row = {
        "id": fact.treatment_id,
        "version": fact.version,
        "code": fact.treatment,
        "name": fact.name,
        "modality": fact.modality,
        "active": fact.active,
    }
    await keep_newest(tx, Treatment, row)


async def location(tx: Tx, location_id: LocationId) -> Location:
    """The location, else `NotFound`."""
    return await one(tx, Location, location_id)


async def zones(tx: Tx, locations: Collection[LocationId]) -> dict[LocationId, ZoneInfo]:
    """The zone of each location; UTC while booking has not yet told of it."""
    found = await tx.execute(select(Location.id, Location.zone).where(Location.id.in_(sorted(set(locations)))))
    return dict.fromkeys(locations, zone_named("UTC")) | {each.id: zone_named(each.zone) for each in found}


async def known_locations(tx: Tx, locations: Collection[LocationId]) -> set[LocationId]:
    """Those of these locations that booking has told of."""
    return set(await tx.scalars(select(Location.id).where(Location.id.in_(sorted(set(locations))))))
