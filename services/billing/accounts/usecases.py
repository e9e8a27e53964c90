"""Opening and holding accounts. One lock per patient makes a sale, a booking and a completion take turns."""

from collections.abc import Iterable

from sqlalchemy import select

from chassis.compiled import Statement
from chassis.db import Tx
from chassis.errors import NotFound
from chassis.many import Many
from contracts.values import PatientId
from services.billing.accounts.model import Account

_MANY = Many(Account, "patient_id")
_HOLD = Statement(_MANY.hold())


async def hold(tx: Tx, patient_ids: Iterable[PatientId]) -> None:
    """Open the accounts that are missing and hold all of them until the transaction ends, in the order of ids."""
    if ids := sorted(set(patient_ids)):
        await _HOLD(tx, **_MANY.of({"patient_id": patient_id} for patient_id in ids))


async def hold_known(tx: Tx, patient_id: PatientId) -> None:
    """Hold the account of a patient that booking has told of; anybody else does not exist."""
    account = select(Account.patient_id).where(Account.patient_id == patient_id).with_for_update()
    if await tx.scalar(account) is None:
        raise NotFound(kind="patient", id=str(patient_id))


async def is_known(tx: Tx, patient_id: PatientId) -> bool:
    """Whether booking has told of this patient yet."""
    return await tx.get(Account, patient_id) is not None
