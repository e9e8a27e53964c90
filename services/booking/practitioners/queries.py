"""Who works where, with their shifts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from chassis.auth import Scope
from chassis.db import Tx
from services.booking.practitioners.model import Absence, Credential, Practitioner, Shift, Workplace


@dataclass(frozen=True, slots=True)
class Working:
    """Somebody who treats: where, when and with what, as far as the one who asks may know."""

    practitioner: Practitioner
    location_ids: list[UUID]
    shifts: Sequence[Shift]
    absences: Sequence[Absence]
    credentials: Sequence[Credential]


async def working(tx: Tx, practitioner: Practitioner, scope: Scope, *, since: date) -> Working:
    """What is planned of them from a day on, at the locations of the one who asks."""
    mine = practitioner.id
    places = select(Workplace.location_id).where(Workplace.practitioner_id == mine, scope.within(Workplace.location_id))
    shifts = select(Shift).where(
        Shift.practitioner_id == mine,
        scope.within(Shift.location_id),
        func.coalesce(Shift.day, Shift.until_on, since) >= since,
    )
    absences = select(Absence).where(Absence.practitioner_id == mine, Absence.day >= since)
    credentials = select(Credential).where(Credential.practitioner_id == mine, scope.within(Credential.location_id))
    return Working(
        practitioner,
        sorted((await tx.scalars(places)).all()),
        (await tx.scalars(shifts.order_by(Shift.weekday, Shift.day, Shift.starts, Shift.id))).all(),
        (await tx.scalars(absences.order_by(Absence.day, Absence.starts, Absence.id))).all(),
        (await tx.scalars(credentials.order_by(Credential.location_id, Credential.modality))).all(),
    )


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody who treats at a location, with their shifts and credentials there."""

    practitioner: Practitioner
    shifts: Sequence[Shift]
    credentials: Sequence[Credential]


async def at_location(tx: Tx, location_id: UUID) -> list[Here]:
    """The practitioners of a location by name."""
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
    credentials: dict[UUID, list[Credential]] = defaultdict(list)
    held = select(Credential).where(Credential.location_id == location_id).order_by(Credential.modality)
    for credential in await tx.scalars(held):
        credentials[credential.practitioner_id].append(credential)
    return [Here(person, shifts[person.id], credentials[person.id]) for person in people]
