"""What billing tells: prices, packages and their entitlements, invoices and payments."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from contracts.envelope import Fact
from contracts.values import (
    AppointmentId,
    EntitlementId,
    InvoiceId,
    LegalEntityId,
    LocationId,
    Money,
    PackageId,
    PatientId,
    PaymentId,
    PaymentMethod,
    PriceId,
    TreatmentCode,
)


class PriceChanged(Fact):
    """The list price of a treatment at a location from a day on."""

    type: ClassVar[str] = "billing.price-changed"
    aggregate: ClassVar[str] = "price"
    key: ClassVar[str] = "price_id"

    price_id: PriceId
    treatment: TreatmentCode
    location_id: LocationId
    price: Money
    effective_on: date


class PackageSold(Fact):
    """A patient bought sessions ahead; nothing is earned yet (FN-06)."""

    type: ClassVar[str] = "billing.package-sold"
    aggregate: ClassVar[str] = "package"
    key: ClassVar[str] = "package_id"

    package_id: PackageId
    patient_id: PatientId
    location_id: LocationId
    legal_entity_id: LegalEntityId
    treatment: TreatmentCode
    sessions: int = Field(ge=1)
    price: Money
    expires_on: date | None


class EntitlementFact(Fact):
    """One prepaid session changed its state (FN-10)."""

    aggregate: ClassVar[str] = "entitlement"
    key: ClassVar[str] = "entitlement_id"

    entitlement_id: EntitlementId
    package_id: PackageId
    patient_id: PatientId
    appointment_id: AppointmentId
    amount: Money
    """What the sale allocated to this session (FN-07)."""
    remaining: int = Field(ge=0)
    """Sessions of the package still available or reserved."""


class EntitlementReserved(EntitlementFact):
    """A booked appointment will use it (BK-23)."""

    type: ClassVar[str] = "billing.entitlement-reserved"


class EntitlementReleased(EntitlementFact):
    """The appointment will not use it after all."""

    type: ClassVar[str] = "billing.entitlement-released"


class SessionRedeemed(EntitlementFact):
    """A completed session was paid from the package: revenue at the performing location (FN-09)."""

    type: ClassVar[str] = "billing.session-redeemed"

    performed_at: LocationId
    selling_entity_id: LegalEntityId
    performing_entity_id: LegalEntityId


class InvoiceFact(Fact):
    aggregate: ClassVar[str] = "invoice"
    key: ClassVar[str] = "invoice_id"

    invoice_id: InvoiceId
    appointment_id: AppointmentId
    patient_id: PatientId
    location_id: LocationId
    legal_entity_id: LegalEntityId
    total: Money
    due: Money


class InvoiceIssued(InvoiceFact):
    """A completed session had no entitlement, so it is owed."""

    type: ClassVar[str] = "billing.invoice-issued"


class InvoicePaid(InvoiceFact):
    """Nothing of it is owed any more."""

    type: ClassVar[str] = "billing.invoice-paid"


class WaiverReason(StrEnum):
    NO_CHARGE_TREATMENT = "no_charge_treatment"
    """The treatment has no price at this location by intention, such as a follow-up at 0."""
    GOODWILL = "goodwill"


class SessionWaived(Fact):
    """A completed session is charged to nobody, and why."""

    type: ClassVar[str] = "billing.session-waived"
    aggregate: ClassVar[str] = "waiver"
    key: ClassVar[str] = "appointment_id"

    appointment_id: AppointmentId
    patient_id: PatientId
    location_id: LocationId
    reason: WaiverReason


class PaymentReceived(Fact):
    """Money came in for an invoice or a package."""

    type: ClassVar[str] = "billing.payment-received"
    aggregate: ClassVar[str] = "payment"
    key: ClassVar[str] = "payment_id"

    payment_id: PaymentId
    patient_id: PatientId
    location_id: LocationId
    legal_entity_id: LegalEntityId
    amount: Money
    method: PaymentMethod
    invoice_id: InvoiceId | None = None
    package_id: PackageId | None = None
