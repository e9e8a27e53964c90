"""Reads of the record: everything about one thing, and the chain itself."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import aliased

from chassis.db import Tx
from services.audit.timeline.chain import BEGINNING, Link, first_break
from services.audit.timeline.model import EVENTS, Event, EventLot
from services.audit.timeline.ordering import Step, in_causal_order

Ids = Select[UUID]
"""Chooses the message ids of the facts that belong to a timeline."""


def of_patient(patient_id: UUID) -> Ids:
    """What names the patient, and what followed from that without naming anybody."""
    return _with_effects(select(Event.message_id).where(Event.patient_id == patient_id), Event.patient_id == patient_id)


def of_appointment(appointment_id: UUID) -> Ids:
    """What names the appointment or its invoice, and what followed from that."""
    billed = select(Event.invoice_id).where(Event.appointment_id == appointment_id, Event.invoice_id.is_not(None))
    about = or_(Event.appointment_id == appointment_id, Event.invoice_id.in_(billed))
    return _with_effects(select(Event.message_id).where(about), Event.appointment_id == appointment_id)


def of_package(package_id: UUID) -> Ids:
    """What names the package, and what caused that, such as the session that used it."""
    about = Event.package_id == package_id
    causes = select(Event.causation_id).where(about, Event.causation_id.is_not(None))
    return select(Event.message_id).where(or_(about, Event.message_id.in_(causes)))


def of_lot(lot_id: UUID) -> Ids:
    """What names the lot: where it came in, on whom it was used."""
    return select(Event.message_id).join(EventLot).where(EventLot.lot_id == lot_id)


def _with_effects(about: Ids, same: ColumnElement[bool]) -> Ids:
    """These facts and all that followed from them, as far as it concerns nobody and nothing else."""
    tree = about.cte("tree", recursive=True)
    effect = aliased(Event)
    neutral = effect.patient_id.is_(None) & effect.appointment_id.is_(None)
    follows = select(effect.message_id).join(tree, effect.causation_id == tree.c.message_id).where(neutral)
    reached = tree.union(follows)
    return select(Event.message_id).where(or_(same, Event.message_id.in_(select(reached.c.message_id))))


async def timeline(tx: Tx, ids: Ids, visible: ColumnElement[bool], *, limit: int) -> list[Event]:
    """The newest of these facts that may be seen, in causal order, oldest first."""
    newest = select(Event).where(Event.message_id.in_(ids), visible).order_by(Event.at.desc(), Event.position.desc())
    found = {event.message_id: event for event in await tx.scalars(newest.limit(limit))}
    return [found[step.message_id] for step in in_causal_order(_step(event) for event in found.values())]


def _step(event: Event) -> Step:
    thing = (event.aggregate, event.aggregate_id)
    return Step(event.message_id, event.causation_id, thing, event.version, event.at, event.position)


async def check_chain(tx: Tx, *, after: int, limit: int) -> tuple[Link, int | None]:
    """Check so many rows behind a position, against the hash that stands there."""
    start = Link(0, BEGINNING)
    if after > 0:
        row = (await tx.execute(select(Event.position, Event.hash).where(Event.position == after))).first()
        if row is None:
            return Link(after, b""), after
        start = Link(row.position, row.hash)
    rows = await tx.execute(select(EVENTS).where(Event.position > after).order_by(Event.position).limit(limit))
    return first_break(rows.mappings(), start)
