"""What booking tells of patients: the register, one patient's visits, and names for the ids in other lists."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from web.api import Api
from web.clients.booking import Appointment, Listed, Patient

NAMES_MAX = 200
"""Ids asked for in one question."""


async def page(api: Api, *, q: str = "", sort: str = "name", cursor: str | None = None, limit: int = 50) -> Listed:
    """Patients of the chain by the beginning of a name, part of a phone number or e-mail, in the order of names."""
    return await api.get("booking", "/patients", Listed, q=q or None, sort=sort, cursor=cursor, limit=limit)


async def register(api: Api, body: Mapping[str, Any], *, key: str) -> Patient:
    return await api.post("booking", "/patients", body, Patient, key=key)


async def correct(api: Api, patient_id: UUID, body: Mapping[str, Any], *, key: str) -> Patient:
    """Keep all that is known of a patient as it is given, for the version that was looked at."""
    return await api.put("booking", f"/patients/{patient_id}", body, Patient, key=key)


async def by_ids(api: Api, ids: Sequence[str]) -> dict[str, Patient]:
    """These patients; ids that nobody has are left out."""
    found = await api.get("booking", "/patients", Listed, id=list(ids), limit=max(len(ids), 1))
    return {str(patient.id): patient for patient in found.items}


async def visits(api: Api, patient_id: UUID) -> tuple[Appointment, ...]:
    """All appointments of a patient, newest first."""
    return await api.get("booking", f"/patients/{patient_id}/appointments", tuple[Appointment, ...])


async def named(api: Api, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Full names by id, for lists of services that only know ids."""
    wanted = sorted({str(each) for each in ids})
    names: dict[UUID, str] = {}
    for start in range(0, len(wanted), NAMES_MAX):
        part = wanted[start : start + NAMES_MAX]
        found = await api.get("booking", "/patients", Listed, id=part, limit=len(part))
        names |= {patient.id: patient.full_name for patient in found.items}
    return names


def age(birth: date, today: date) -> int:
    """Full years."""
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
