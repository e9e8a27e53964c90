"""Occupying resources: lock them in one order, then claim; and give them back."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.exc import IntegrityError

from chassis import straight
from chassis.db import Tx, violated
from services.booking.schedule.model import NO_OVERLAP
from services.booking.schedule.picking import SlotTaken, is_free
from services.booking.schedule.queries import occupied
from services.booking.schedule.segments import ResourceKind
from services.booking.schedule.spans import Span

Wanted = Mapping[ResourceKind, tuple[UUID, Span]]
"""By kind: which resource, and when."""

_LOCK = "SELECT id FROM resource WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_CLAIM = """
    INSERT INTO claim (appointment_id, kind, resource_id, starts_at, ends_at)
    SELECT $1, each.kind, each.resource_id, each.starts_at, each.ends_at
      FROM unnest($2::text[], $3::uuid[], $4::timestamptz[], $5::timestamptz[])
        AS each (kind, resource_id, starts_at, ends_at)
    """
_FREE = text("DELETE FROM claim WHERE appointment_id = :appointment_id").bindparams(
    bindparam("appointment_id", type_=Uuid)
)
_ADD = text("INSERT INTO resource (id, kind) VALUES (:id, :kind)").bindparams(bindparam("id", type_=Uuid))


async def add_resource(tx: Tx, id_: UUID, kind: ResourceKind) -> None:
    """Make something known that visits can occupy."""
    await tx.execute(_ADD, {"id": id_, "kind": kind.value})


async def lock(tx: Tx, resource_ids: Iterable[UUID]) -> set[UUID]:
    """Hold these against other bookings until the transaction ends; always in the order of their ids.

    Returns those that exist. What is read afterwards can't change any more before we commit.
    """
    return {row[0] for row in await straight.fetch(tx, _LOCK, list(set(resource_ids)))}


async def must_be_free(tx: Tx, wanted: Wanted) -> None:
    """Raise `SlotTaken` when any of these is occupied; ask after they were locked."""
    spans = [span for _, span in wanted.values()]
    first, last = min(each.starts for each in spans), max(each.ends for each in spans)
    taken = await occupied(tx, [id_ for id_, _ in wanted.values()], first, last)
    for kind, (id_, span) in wanted.items():
        if not is_free(id_, span, taken):
            raise SlotTaken(resource=kind.value, alternatives=[])


async def claim(tx: Tx, appointment_id: UUID, wanted: Wanted) -> None:
    """Occupy these. `SlotTaken` also when only the constraint of the database has noticed a conflict."""
    taken = [(kind, id_, span) for kind, (id_, span) in wanted.items()]
    try:
        await straight.fetch(
            tx,
            _CLAIM,
            appointment_id,
            [kind.value for kind, _, _ in taken],
            [id_ for _, id_, _ in taken],
            [span.starts for _, _, span in taken],
            [span.ends for _, _, span in taken],
        )
    except IntegrityError as error:
        if violated(error) != NO_OVERLAP:
            raise
        raise SlotTaken(resource="unknown", alternatives=[]) from error


async def free(tx: Tx, appointment_id: UUID) -> None:
    """Give back whatever a visit occupies."""
    await tx.execute(_FREE, {"appointment_id": appointment_id})
