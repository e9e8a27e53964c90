"""What may be asked of visits: hold their patients, hear the news."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from chassis.compiled import Statement
from chassis.db import Tx
from chassis.many import Many, among
from contracts.booking import AppointmentFact, LocationChanged, SessionCompleted
from services.notifications.visits.model import Patient, Place, Visit

_PATIENTS = Many(Patient, "id")
_HOLD = Statement(_PATIENTS.hold())
_VISITS = Many(Visit, *Visit.__table__.columns.keys())
_KEEP = Statement(_VISITS.replace("id"))
_SESSION = aliased(Visit)
_TREATED = select(_SESSION.patient_id).where(among(_SESSION.patient_id, "patients"), _SESSION.completed_at.is_not(None))
_TOUCHED = Statement(
    select(_VISITS.table).where(
        among(Visit.patient_id, "patients"),
        among(Visit.id, "news") | among(Visit.patient_id, "treated") | Visit.patient_id.in_(_TREATED),
    )
)
"""Who had no session here has no recall, so nothing else of theirs matters: years of history come in without it."""


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
    await _HOLD(tx, **_PATIENTS.of({"id": each} for each in sorted(set(patient_ids))))


async def touched(tx: Tx, patient_ids: Iterable[UUID], facts: Iterable[AppointmentFact]) -> dict[UUID, Visit]:
    """By their id: the visits that these facts are about, and every visit of a patient who has or had a session here.

    What becomes of them is written by `keep`, not by the session.
    """
    asked: dict[str, set[UUID]] = {"patients": set(patient_ids), "news": set(), "treated": set()}
    for fact in facts:
        asked["news"].add(fact.appointment_id)
        if isinstance(fact, SessionCompleted):
            asked["treated"].add(fact.patient_id)
    found = await _TOUCHED(tx, **{name: list(ids) for name, ids in asked.items()})
    return {row.id: Visit(**row._asdict()) for row in found}


async def keep(tx: Tx, visits: Iterable[Visit]) -> None:
    """Write these as they are now; their patients are held."""
    await _KEEP(tx, **_VISITS.of(vars(visit) for visit in visits))


def hear(known: dict[UUID, Visit], facts: Sequence[AppointmentFact]) -> list[Visit]:
    """Bring the visits up to date, new ones join `known`; answers those that are now heard to be completed."""
    completed = []
    for fact in facts:
        visit = known.get(fact.appointment_id)
        was_completed = visit is not None and visit.completed_at is not None
        if visit is None:
            known[fact.appointment_id] = visit = Visit.first_heard(fact)
        else:
            visit.hear(fact)
        if visit.completed_at is not None and not was_completed:
            completed.append(visit)
    return completed
