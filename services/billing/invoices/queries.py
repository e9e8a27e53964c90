"""Looking at invoices."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, select

from chassis.db import Tx
from contracts.values import PatientId
from services.billing.invoices.model import Invoice
from services.billing.listing import Rows


async def invoices_of(tx: Tx, patient_id: PatientId, visible: ColumnElement[bool]) -> Sequence[Invoice]:
    """A patient's invoices at the locations that may be seen, newest first."""
    rows = select(Invoice).where(Invoice.patient_id == patient_id, visible)
    return (await tx.scalars(rows.order_by(Invoice.performed_on.desc(), Invoice.id))).all()


def performed_between(rows: Rows, since: date | None, until: date | None) -> Rows:
    """Only sessions of these business days, both ends included."""
    if since:
        rows = rows.where(Invoice.performed_on >= since)
    if until:
        rows = rows.where(Invoice.performed_on <= until)
    return rows
