"""Who works where, with their shifts."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import select

from chassis.db import Tx
from services.booking.practitioners.model import Practitioner, Shift, Workplace


async def at_location(tx: Tx, location_id: UUID) -> list[tuple[Practitioner, list[Shift]]]:
    """The practitioners of a location by name, each with their shifts there."""
    people = await tx.scalars(
        select(Practitioner)
        .join(Workplace, Workplace.practitioner_id == Practitioner.id)
        .where(Workplace.location_id == location_id, Practitioner.active)
        .order_by(Practitioner.name, Practitioner.id)
    )
    shifts: dict[UUID, list[Shift]] = defaultdict(list)
    ordered = select(Shift).where(Shift.location_id == location_id).order_by(Shift.weekday, Shift.day, Shift.starts)
    for shift in await tx.scalars(ordered):
        shifts[shift.practitioner_id].append(shift)
    return [(person, shifts[person.id]) for person in people]
