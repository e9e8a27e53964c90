"""Looking at payments."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from chassis.db import Tx
from contracts.values import InvoiceId, PatientId
from services.billing.payments.model import Payment


async def payments_of(tx: Tx, patient_id: PatientId, visible: ColumnElement[bool]) -> Sequence[Payment]:
    """What a patient has paid at the locations that may be seen, newest first."""
    rows = select(Payment).where(Payment.patient_id == patient_id, visible)
    return (await tx.scalars(rows.order_by(Payment.received_at.desc(), Payment.id))).all()


async def payments_on(tx: Tx, invoice_id: InvoiceId) -> Sequence[Payment]:
    """What was paid on an invoice, in order."""
    rows = select(Payment).where(Payment.invoice_id == invoice_id)
    return (await tx.scalars(rows.order_by(Payment.received_at, Payment.id))).all()
