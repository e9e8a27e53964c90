"""Finding patients: by the beginning of a name, by e-mail, by part of a phone number."""

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_

from chassis.db import Tx
from services.booking.patients.likeness import Likeness, likeness
from services.booking.patients.model import BETWEEN_NAMES, Patient, folded

ALIKE_MAX = 5
"""More than these nobody compares."""
_NUMBER = re.compile(r"[\d\s()+\-./]+")


async def find(
    tx: Tx,
    q: str | None,
    *,
    after: tuple[str, UUID] | None,
    limit: int,
    from_z: bool = False,
    by_name_only: bool = False,
) -> Sequence[Patient]:
    """One more than `limit` patients in the order of their names, or against it, after the last one seen.

    `by_name_only` for whoever may not know the rest: a search that finds a phone number tells it, digit by digit.
    """
    columns = (Patient.sort_key, Patient.id)
    order = [column.desc() if from_z else column.asc() for column in columns]
    found = select(Patient).where(*_matches(q or "", by_name_only=by_name_only)).order_by(*order)
    if after:
        found = found.where(tuple_(*columns) < tuple_(*after) if from_z else tuple_(*columns) > tuple_(*after))
    return (await tx.scalars(found.limit(limit + 1))).all()


async def named(tx: Tx, ids: Sequence[UUID]) -> Sequence[Patient]:
    """These patients, in the order of their names; ids that nobody has are left out."""
    found = select(Patient).where(Patient.id.in_(set(ids))).order_by(Patient.sort_key, Patient.id)
    return (await tx.scalars(found)).all()


async def alike(tx: Tx, new: Patient) -> dict[UUID, tuple[Likeness, ...]]:
    """Patients who may be the same person, with what is alike; those who share most first."""
    shared = [Patient.birth_date == new.birth_date] if new.birth_date else []
    if new.phone:
        shared.append(Patient.phone == new.phone)
    if new.email:
        shared.append(func.lower(Patient.email) == new.email.lower())
    if not shared:
        return {}
    found = await tx.scalars(select(Patient).where(or_(*shared)).order_by(Patient.sort_key, Patient.id))
    told = {each.id: likeness(new, each) for each in found}
    ordered = sorted((each for each in told.items() if each[1]), key=lambda each: -len(each[1]))
    return dict(ordered[:ALIKE_MAX])


def _matches(q: str, *, by_name_only: bool) -> list[ColumnElement[bool]]:
    """Each word has to begin a name or the e-mail address; something like a number may stand anywhere in the phone."""
    if not by_name_only and q.strip() and _NUMBER.fullmatch(q):
        digits = re.sub(r"\D", "", q)
        return [Patient.search_text.contains(digits, autoescape=True)]
    words = [f" {word}" for word in re.split(r"[\s,\-'’]+", folded(q)) if word]
    found = [Patient.search_text.contains(word, autoescape=True) for word in words]
    if by_name_only:
        names = literal(" ").concat(func.translate(Patient.sort_key, f"{BETWEEN_NAMES}-'’", "    "))
        found += [names.contains(word, autoescape=True) for word in words]
    return found
