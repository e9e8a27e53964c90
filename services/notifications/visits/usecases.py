"""What may be asked of visits: hold their patients, hear the news."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Tx
from contracts.booking import AppointmentFact, LocationChanged
from services.notifications.visits.model import Patient, Place, Visit


async def know_places(tx: Tx, facts: Iterable[LocationChanged]) -> None:
    """Keep the newest name, zone and number of each location."""
    newest: dict[UUID, LocationChanged] = {}
    for fact in facts:
        if fact.version > getattr(newest.get(fact.location_id), "version", 0):
            newest[fact.location_id] = fact
    if not newest:
        return
    rows = [
        {"id": fact.location_id, "version": fact.version, "name": fact.name, "zone": fact.zone, "phone": fact.phone}
        for fact in sorted(newest.values(), key=lambda fact: fact.location_id)
    ]
    told = insert(Place).values(rows)
    news = {name: told.excluded[name] for name in ("version", "name", "zone", "phone")}
    await tx.execute(
        told.on_conflict_do_update(index_elements=[Place.id], set_=news, where=Place.version < told.excluded.version)
    )


async def hold(tx: Tx, patient_ids: Iterable[UUID]) -> None:
    """From here to the end of the transaction nobody else plans or sends for these patients; always taken in order."""
    ids = sorted(set(patient_ids))
    await tx.execute(insert(Patient).on_conflict_do_nothing(), [{"id": each} for each in ids])
    await tx.execute(select(Patient.id).where(Patient.id.in_(ids)).order_by(Patient.id).with_for_update())


async def of_patients(tx: Tx, patient_ids: Iterable[UUID]) -> dict[UUID, Visit]:
    """Every visit of these patients by its id."""
    found = await tx.scalars(select(Visit).where(Visit.patient_id.in_(set(patient_ids))))
    return {visit.id: visit for visit in found}


def hear(tx: Tx, known: dict[UUID, Visit], facts: Sequence[AppointmentFact]) -> list[Visit]:
    """Bring the visits up to date, new ones join `known`; answers those that are now heard to be completed."""
    completed = []
    for fact in facts:
        visit = known.get(fact.appointment_id)
        was_completed = visit is not None and visit.completed_at is not None
        if visit is None:
            known[fact.appointment_id] = visit = Visit.first_heard(fact)
            tx.add(visit)
        else:
            visit.hear(fact)
        if visit.completed_at is not None and not was_completed:
            completed.append(visit)
    return completed
