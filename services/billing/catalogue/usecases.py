"""Learning of places and treatments."""

from sqlalchemy import select

from chassis.db import Tx, keep_newest
from chassis.errors import Refused
from contracts.booking import LocationChanged, TreatmentChanged
from services.billing.catalogue.model import Location, Treatment


class UnknownTreatment(Refused):
    """There is no treatment with this code. Add it to the catalogue first."""


async def learn_location(tx: Tx, fact: LocationChanged) -> None:
    row = {
        "id": fact.location_id,
        "version": fact.version,
        "code": fact.code,
        "name": fact.name,
        "legal_entity_id": fact.legal_entity_id,
        "legal_entity_name": fact.legal_entity_name,
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
        "active": fact.active,
    }
    await keep_newest(tx, Treatment, row)


async def must_know_treatment(tx: Tx, code: str) -> None:
    """Raise unless booking has told of a treatment with this code."""
    if await tx.scalar(select(Treatment.id).where(Treatment.code == code).limit(1)) is None:
        raise UnknownTreatment(treatment=code)
