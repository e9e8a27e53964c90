"""An invoice: one completed session that is owed, and how much of it is still open."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import one_of
from chassis.errors import Conflict, Refused
from contracts.billing import InvoiceIssued, InvoicePaid
from contracts.values import AppointmentId, InvoiceId, LegalEntityId, LocationId, Money, PatientId
from services.billing.record import Record


class MoreThanDue(Conflict):
    """This is more than what is still owed on the invoice. Take what is due, not more."""


class WrongInvoiceCurrency(Refused):
    """The invoice is in another currency."""


class InvoiceState(StrEnum):
    OPEN = "open"
    PAID = "paid"


class Invoice(Record):
    __tablename__ = "invoice"

    id: Mapped[InvoiceId] = mapped_column(primary_key=True)
    version: Mapped[int]
    appointment_id: Mapped[AppointmentId]
    patient_id: Mapped[PatientId]
    location_id: Mapped[LocationId]
    legal_entity_id: Mapped[LegalEntityId]
    zone: Mapped[str]
    treatment: Mapped[str]
    total: Mapped[int]
    paid: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[InvoiceState]
    issued_at: Mapped[datetime]
    performed_on: Mapped[date]

    __table_args__ = (
        CheckConstraint("total > 0", name="total_above_zero"),
        CheckConstraint("paid BETWEEN 0 AND total", name="paid_within_total"),
        CheckConstraint("(state = 'paid') = (paid = total)", name="paid_in_full"),
        one_of("state", InvoiceState, name="state_known"),
        UniqueConstraint("appointment_id", name="uq_invoice_appointment_id"),
        Index("ix_invoice_patient_id", "patient_id"),
        Index("ix_invoice_location_id", "location_id", "performed_on", "id"),
    )

    @property
    def money(self) -> Money:
        return Money(minor=self.total, currency=self.currency)

    @property
    def due(self) -> Money:
        return Money(minor=self.total - self.paid, currency=self.currency)

    def issue(self) -> InvoiceIssued:
        """Tell that it is owed."""
        self.version, self.paid, self.state = 1, 0, InvoiceState.OPEN
        return InvoiceIssued(**self._told(self.issued_at))

    def pay(self, amount: Money, *, at: datetime) -> InvoicePaid | None:
        """Take a part of it or the rest, never more; the fact comes when nothing is left."""
        if amount.currency != self.currency:
            raise WrongInvoiceCurrency(expected=self.currency)
        if amount.minor > self.due.minor:
            raise MoreThanDue(due=self.due.model_dump())
        self.paid += amount.minor
        if self.due.minor:
            return None
        self.state, self.version = InvoiceState.PAID, self.version + 1
        return InvoicePaid(**self._told(at))

    def _told(self, at: datetime) -> dict[str, Any]:
        return {
            "invoice_id": self.id,
            "version": self.version,
            "at": at,
            "appointment_id": self.appointment_id,
            "patient_id": self.patient_id,
            "location_id": self.location_id,
            "legal_entity_id": self.legal_entity_id,
            "total": self.money,
            "due": self.due,
        }
