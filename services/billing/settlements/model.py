"""A settlement: what became of a completed session. Exactly one per appointment (I6)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import one_of
from contracts.billing import WaiverReason
from contracts.values import AppointmentId, EntitlementId, InvoiceId, LocationId, PatientId
from services.billing.record import Record


class SettlementKind(StrEnum):
    REDEEMED = "redeemed"
    INVOICED = "invoiced"
    WAIVED = "waived"


class Settlement(Record):
    __tablename__ = "settlement"

    appointment_id: Mapped[AppointmentId] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    patient_id: Mapped[PatientId]
    location_id: Mapped[LocationId]
    kind: Mapped[SettlementKind]
    entitlement_id: Mapped[EntitlementId | None] = mapped_column(ForeignKey("entitlement.id"))
    invoice_id: Mapped[InvoiceId | None] = mapped_column(ForeignKey("invoice.id"))
    reason: Mapped[WaiverReason | None]
    settled_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("(kind = 'redeemed') = (entitlement_id IS NOT NULL)", name="redeemed_from_a_unit"),
        CheckConstraint("(kind = 'invoiced') = (invoice_id IS NOT NULL)", name="invoiced_on_an_invoice"),
        CheckConstraint("(kind = 'waived') = (reason IS NOT NULL)", name="waived_with_a_reason"),
        one_of("kind", SettlementKind, name="kind_known"),
        UniqueConstraint("entitlement_id", name="uq_settlement_entitlement_id"),
        UniqueConstraint("invoice_id", name="uq_settlement_invoice_id"),
        Index("ix_settlement_patient_id", "patient_id"),
    )
