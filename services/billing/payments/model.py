"""A payment: money that came in for an invoice or a package. Never changed; a refund would be a row of its own."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import one_of
from chassis.errors import Conflict, Refused
from contracts.billing import PaymentReceived
from contracts.values import (
    InvoiceId,
    LegalEntityId,
    LocationId,
    Money,
    PackageId,
    PatientId,
    PaymentId,
    PaymentMethod,
)
from services.billing.record import Record


class ReferenceNeeded(Refused):
    """A card payment needs the reference that the terminal printed, so that it can be found again; cash has none."""


class ReferenceUsed(Conflict):
    """A payment with this terminal reference was recorded here before. Look at it before you record another one."""


@dataclass(frozen=True, slots=True)
class Tender:
    """One way in which a patient pays: so much, in cash or by card."""

    method: PaymentMethod
    amount: Money
    reference: str | None = None

    def check(self) -> None:
        """Refuse a card payment that nobody could reconcile."""
        if (self.reference is None) == (self.method is PaymentMethod.CARD_TERMINAL):
            raise ReferenceNeeded(method=self.method)


class Payment(Record):
    __tablename__ = "payment"

    id: Mapped[PaymentId] = mapped_column(primary_key=True)
    patient_id: Mapped[PatientId]
    location_id: Mapped[LocationId]
    legal_entity_id: Mapped[LegalEntityId]
    method: Mapped[PaymentMethod]
    reference: Mapped[str | None]
    """What the card terminal printed."""
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    invoice_id: Mapped[InvoiceId | None] = mapped_column(ForeignKey("invoice.id"))
    package_id: Mapped[PackageId | None] = mapped_column(ForeignKey("package.id"))
    received_at: Mapped[datetime]
    received_on: Mapped[date]

    __table_args__ = (
        one_of("method", PaymentMethod, name="method_known"),
        CheckConstraint("amount > 0", name="amount_above_zero"),
        CheckConstraint("(reference IS NOT NULL) = (method = 'card_terminal')", name="card_has_reference"),
        CheckConstraint("num_nonnulls(invoice_id, package_id) = 1", name="for_one_thing"),
        Index(
            "uq_payment_location_reference",
            "location_id",
            "reference",
            unique=True,
            postgresql_where=text("reference IS NOT NULL"),
        ),
        Index("ix_payment_invoice_id", "invoice_id"),
        Index("ix_payment_package_id", "package_id"),
        Index("ix_payment_patient_id", "patient_id"),
    )

    @property
    def money(self) -> Money:
        return Money(minor=self.amount, currency=self.currency)

    def received(self) -> PaymentReceived:
        """The fact of it."""
        return PaymentReceived(
            payment_id=self.id,
            version=1,
            at=self.received_at,
            patient_id=self.patient_id,
            location_id=self.location_id,
            legal_entity_id=self.legal_entity_id,
            amount=self.money,
            method=self.method,
            invoice_id=self.invoice_id,
            package_id=self.package_id,
        )
