"""Taking money in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from chassis.clock import new_id
from chassis.db import Tx, one, violated
from chassis.outbox import emit
from contracts.values import InvoiceId, PaymentId
from services.billing.days import local_date
from services.billing.invoices.model import Invoice
from services.billing.ledger import postings
from services.billing.ledger.usecases import post
from services.billing.payments.model import Payment, ReferenceUsed, Tender


async def receive(tx: Tx, payments: Sequence[Payment]) -> None:
    """Record payments and tell of them; a terminal reference counts once per location."""
    tx.add_all(payments)
    try:
        await tx.flush()
    except IntegrityError as error:
        if violated(error) == "uq_payment_location_reference":
            raise ReferenceUsed from error
        raise
    emit(tx, *(payment.received() for payment in payments))


async def pay_invoice(tx: Tx, invoice_id: InvoiceId, tender: Tender, *, at: datetime) -> Payment:
    """Take a payment for what is owed, in part or in full, never more than is due."""
    tender.check()
    invoice = await one(tx, Invoice, invoice_id, lock=True)
    paid = invoice.pay(tender.amount, at=at)
    payment = Payment(
        id=PaymentId(new_id()),
        patient_id=invoice.patient_id,
        location_id=invoice.location_id,
        legal_entity_id=invoice.legal_entity_id,
        method=tender.method,
        reference=tender.reference,
        amount=tender.amount.minor,
        currency=tender.amount.currency,
        invoice_id=invoice.id,
        received_at=at,
        received_on=local_date(at, invoice.zone),
    )
    await receive(tx, [payment])
    place = postings.Place(invoice.legal_entity_id, invoice.location_id)
    tendered = (tender.method, tender.amount)
    await post(tx, [postings.invoice_payment(payment.id, place, tendered, on=payment.received_on)])
    if paid:
        emit(tx, paid)
    return payment
