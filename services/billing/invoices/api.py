"""HTTP door to invoices: look at them, take payments for them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import select

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.db import one
from chassis.errors import NotFound
from chassis.fields import Day
from chassis.http import BadCursor, Db, Page, Paged, refuses, router
from contracts.identity import CLINIC, MONEY, TILL
from contracts.values import AppointmentId, InvoiceId, LegalEntityId, LocationId, Money, PatientId
from services.billing.days import local_date
from services.billing.invoices import queries
from services.billing.invoices.model import Invoice, InvoiceState, MoreThanDue
from services.billing.listing import Rows, page_of
from services.billing.payments.api import PaymentIn, PaymentOut
from services.billing.payments.model import ReferenceNeeded, ReferenceUsed
from services.billing.payments.queries import payments_on
from services.billing.payments.usecases import pay_invoice
from services.billing.settings import BillingSettings, WrongCurrency

api = router("/invoices", tag="invoices")
Looking = Annotated[Scope, require(*CLINIC, *MONEY)]
Taking = Annotated[Scope, require(*TILL)]
Sort = Literal["performed_on", "-performed_on", "total", "-total", "due", "-due"]
_COLUMNS: dict[str, Any] = {
    "performed_on": Invoice.performed_on,
    "total": Invoice.total,
    "due": Invoice.total - Invoice.paid,
}


class InvoiceOut(BaseModel):
    """One completed session that is owed, and what is left of it."""

    id: InvoiceId
    appointment_id: AppointmentId
    patient_id: PatientId
    location_id: LocationId
    legal_entity_id: LegalEntityId
    treatment: str
    total: Money
    due: Money
    state: InvoiceState
    performed_on: date
    issued_at: datetime
    issued_on: date

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceOut":
        return cls(
            id=invoice.id,
            appointment_id=invoice.appointment_id,
            patient_id=invoice.patient_id,
            location_id=invoice.location_id,
            legal_entity_id=invoice.legal_entity_id,
            treatment=invoice.treatment,
            total=invoice.money,
            due=invoice.due,
            state=invoice.state,
            performed_on=invoice.performed_on,
            issued_at=invoice.issued_at,
            issued_on=local_date(invoice.issued_at, invoice.zone),
        )


class InvoiceWithPayments(InvoiceOut):
    payments: list[PaymentOut]


class PaymentTaken(PaymentOut):
    """The payment, and how the invoice stands after it."""

    due: Money
    state: InvoiceState


class InvoiceFilter(BaseModel):
    """Which invoices; `since` and `until` are business days of the session."""

    location_id: LocationId | None = None
    patient_id: PatientId | None = None
    state: InvoiceState | None = None
    since: Day | None = None
    until: Day | None = None

    def narrow(self, rows: Rows, scope: Scope) -> Rows:
        """Only these, and only what the caller may see."""
        if self.location_id:
            scope.must_cover(self.location_id)
        rows = rows.where(scope.within(Invoice.location_id))
        for name in ("location_id", "patient_id", "state"):
            if (value := getattr(self, name)) is not None:
                rows = rows.where(getattr(Invoice, name) == value)
        return queries.performed_between(rows, self.since, self.until)


class InvoiceQuery(InvoiceFilter):
    sort: Sort = "-performed_on"


@api.get("", responses=refuses(NotFound, BadCursor))
async def list_invoices(
    asked: Annotated[InvoiceQuery, Query()], paging: Paged, db: Db, scope: Looking
) -> Page[InvoiceOut]:
    """Invoices of the caller's locations; `since` and `until` are business days of the session."""
    column = asked.sort.removeprefix("-")
    rows = asked.narrow(select(Invoice), scope)
    rows = page_of(rows, paging, by=_COLUMNS[column], unique=Invoice.id, descending=asked.sort.startswith("-"))
    async with db.reading() as tx:
        found = [InvoiceOut.of(invoice) for invoice in await tx.scalars(rows)]
    return paging.page(found, lambda each: (_sorted_by(each, column), each.id))


def _sorted_by(invoice: InvoiceOut, column: str) -> Any:
    value = getattr(invoice, column)
    return value.minor if isinstance(value, Money) else value


@api.get("/{invoice_id}", responses=refuses(NotFound))
async def look_at_invoice(invoice_id: InvoiceId, db: Db, scope: Looking) -> InvoiceWithPayments:
    """An invoice and what was paid on it."""
    async with db.reading() as tx:
        invoice = await one(tx, Invoice, invoice_id)
        scope.must_cover(invoice.location_id, kind="invoice", id=invoice.id)
        payments = [PaymentOut.of(payment) for payment in await payments_on(tx, invoice_id)]
    return InvoiceWithPayments(**InvoiceOut.of(invoice).model_dump(), payments=payments)


@api.post(
    "/{invoice_id}/payments",
    status_code=201,
    responses=refuses(NotFound, MoreThanDue, ReferenceNeeded, ReferenceUsed, WrongCurrency),
)
async def take_payment(invoice_id: InvoiceId, body: PaymentIn, command: Commanded, scope: Taking) -> PaymentTaken:
    """Take a payment for what is owed, in part or in full, never more than is due."""
    command.context.settings_as(BillingSettings).must_be_ours(body.amount.money)
    async with command.transaction() as tx:
        invoice = await one(tx, Invoice, invoice_id)
        scope.must_cover(invoice.location_id, kind="invoice", id=invoice.id)
        payment = await pay_invoice(tx, invoice_id, body.tender, at=command.context.clock.now())
        taken = PaymentTaken(**PaymentOut.of(payment).model_dump(), due=invoice.due, state=invoice.state)
        return command.answer(taken, status=201)
