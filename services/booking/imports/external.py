"""Knowing rows of another system again: an external id is taken once, whoever sends it and however often."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.db import Tx
from chassis.many import among
from services.booking.imports.model import ExternalId

_TAKE = text(
    """
    INSERT INTO external_id (source, kind, external_id, target_id)
    SELECT :source, :kind, each.external_id, each.target_id
      FROM unnest(:external_ids, :target_ids) AS each (external_id, target_id)
     ORDER BY each.external_id
        ON CONFLICT DO NOTHING RETURNING external_id
    """
).bindparams(bindparam("external_ids", type_=ARRAY(Text)), bindparam("target_ids", type_=ARRAY(Uuid)))
"""In the order of the ids, so that two batches with the same rows never wait for each other in a circle."""

_KNOWN = select(ExternalId.external_id, ExternalId.target_id).where(
    ExternalId.source == bindparam("source"),
    ExternalId.kind == bindparam("kind"),
    among(ExternalId.external_id, "external_ids"),
)


class Kind(StrEnum):
    PATIENT = "patient"
    APPOINTMENT = "appointment"


async def take(tx: Tx, source: str, kind: Kind, targets: Mapping[str, UUID]) -> set[str]:
    """Which of these external ids are new; they stand for their targets from now on."""
    if not targets:
        return set()
    asked = {
        "source": source,
        "kind": kind.value,
        "external_ids": list(targets),
        "target_ids": list(targets.values()),
    }
    return set((await tx.scalars(_TAKE, asked)).all())


async def targets_of(tx: Tx, source: str, kind: Kind, external_ids: Iterable[str]) -> dict[str, UUID]:
    """What these external ids stand for, as far as they are known."""
    asked = {"source": source, "kind": kind.value, "external_ids": list(set(external_ids))}
    return {row.external_id: row.target_id for row in await tx.execute(_KNOWN, asked)}
