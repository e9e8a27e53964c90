"""Finding patients: by the beginning of a name, by e-mail, by part of a phone number."""

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from chassis.db import Tx
from services.booking.patients.model import Patient, folded

_NUMBER = re.compile(r"[\d\s()+\-./]+")


async def find(
    tx: Tx, q: str | None, *, after: tuple[str, UUID] | None, limit: int, from_z: bool = False
) -> Sequence[Patient]:
    """One more than `limit` patients in the order of their names, or against it, after the last one seen."""
    columns = (Patient.sort_key, Patient.id)
    order = [column.desc() if from_z else column.asc() for column in columns]
    found = select(Patient).where(*_matches(q or "")).order_by(*order)
    if after:
        found = found.where(tuple_(*columns) < tuple_(*after) if from_z else tuple_(*columns) > tuple_(*after))
    return (await tx.scalars(found.limit(limit + 1))).all()


async def named(tx: Tx, ids: Sequence[UUID]) -> Sequence[Patient]:
    """These patients, in the order of their names; ids that nobody has are left out."""
    found = select(Patient).where(Patient.id.in_(set(ids))).order_by(Patient.sort_key, Patient.id)
    return (await tx.scalars(found)).all()


def _matches(q: str) -> list[ColumnElement[bool]]:
    """Each word has to begin a name or the e-mail address; something like a number may stand anywhere in the phone."""
    if q.strip() and _NUMBER.fullmatch(q):
        digits = re.sub(r"\D", "", q)
        return [Patient.search_text.contains(digits, autoescape=True)]
    words = re.split(r"[\s,\-'’]+", folded(q))
    return [Patient.search_text.contains(f" {word}", autoescape=True) for word in words if word]
