"""A package of prepaid sessions, and each session in it (FN-06..14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.clock import new_id
from chassis.db import one_of
from chassis.errors import Refused
from contracts.billing import EntitlementReleased, EntitlementReserved, PackageSold, SessionRedeemed
from contracts.values import (
    AppointmentId,
    EntitlementId,
    LegalEntityId,
    LocationId,
    Money,
    PackageId,
    PatientId,
)
from services.billing.days import local_date
from services.billing.packages.allocation import allocate
from services.billing.record import Record
from services.billing.visits.model import Visit


class NotAPackage(Refused):
    """Packages have 3, 4 or 6 sessions."""


SIZES = (3, 4, 6)


class UnitState(StrEnum):
    """Where a prepaid session is in its life (FN-10)."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    REDEEMED = "redeemed"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a patient agrees to with a package (FN-12, FN-14)."""

    months: int | None = 18
    version: str = "2026-11"


class Package(Record):
    """Several sessions of one treatment, paid ahead. What was agreed at the sale never changes (FN-12)."""

    __tablename__ = "package"

    id: Mapped[PackageId] = mapped_column(primary_key=True)
    version: Mapped[int]
    patient_id: Mapped[PatientId]
    location_id: Mapped[LocationId]
    legal_entity_id: Mapped[LegalEntityId]
    zone: Mapped[str]
    """Of the selling location: its local date decides whether the package has expired (FN-14)."""
    treatment: Mapped[str]
    sessions: Mapped[int]
    price: Mapped[int]
    list_price: Mapped[int | None]
    """Of one session on the day of the sale; None when the location had none."""
    currency: Mapped[str] = mapped_column(String(3))
    terms_version: Mapped[str]
    sold_at: Mapped[datetime]
    sold_on: Mapped[date]
    expires_on: Mapped[date | None]
    remaining: Mapped[int]
    """Sessions that are available or reserved."""

    units: Mapped[list["Entitlement"]] = relationship(
        back_populates="package", order_by="Entitlement.position", lazy="raise"
    )

    __table_args__ = (
        CheckConstraint("sessions IN (3, 4, 6)", name="sessions_offered"),
        CheckConstraint("price > 0", name="price_above_zero"),
        CheckConstraint("remaining BETWEEN 0 AND sessions", name="remaining_within_sessions"),
        Index("ix_package_patient_id", "patient_id"),
        Index("ix_package_location_id", "location_id", "sold_on", "id"),
    )

    @property
    def money(self) -> Money:
        return Money(minor=self.price, currency=self.currency)

    def sell(self) -> PackageSold:
        """Put a unit behind each session, with its share of the price (FN-07)."""
        if self.sessions not in SIZES:
            raise NotAPackage(sessions=self.sessions)
        self.version, self.remaining = 1, self.sessions
        self.units = [
            Entitlement(id=new_id(), version=0, position=position, amount=amount, state=UnitState.AVAILABLE)
            for position, amount in enumerate(allocate(self.price, [1] * self.sessions), start=1)
        ]
        return PackageSold(
            package_id=self.id,
            version=1,
            at=self.sold_at,
            patient_id=self.patient_id,
            location_id=self.location_id,
            legal_entity_id=self.legal_entity_id,
            treatment=self.treatment,
            sessions=self.sessions,
            price=self.money,
            expires_on=self.expires_on,
        )

    def covers(self, treatment: str, at: datetime) -> bool:
        """Whether a session of this treatment at that time may be paid from it."""
        return treatment == self.treatment and (self.expires_on is None or local_date(at, self.zone) <= self.expires_on)

    def in_state(self, state: UnitState) -> Sequence["Entitlement"]:
        return [unit for unit in self.units if unit.state is state]


class Entitlement(Record):
    """One prepaid session, with the part of the price that was allocated to it (FN-07)."""

    __tablename__ = "entitlement"

    id: Mapped[EntitlementId] = mapped_column(primary_key=True)
    package_id: Mapped[PackageId] = mapped_column(ForeignKey("package.id"))
    version: Mapped[int]
    """Zero until something happens to it: the sale itself is the package's fact."""
    position: Mapped[int]
    amount: Mapped[int]
    state: Mapped[UnitState]
    appointment_id: Mapped[AppointmentId | None]

    package: Mapped[Package] = relationship(back_populates="units", lazy="raise_on_sql")

    __table_args__ = (
        one_of("state", UnitState, name="state_known"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("(state = 'available') = (appointment_id IS NULL)", name="held_by_an_appointment"),
        UniqueConstraint("package_id", "position", name="uq_entitlement_package_position"),
        # Checked at the commit: a visit may pass from one unit to another within a transaction.
        UniqueConstraint("appointment_id", name="uq_entitlement_appointment_id", deferrable=True, initially="DEFERRED"),
    )

    @property
    def money(self) -> Money:
        return Money(minor=self.amount, currency=self.package.currency)

    def reserve(self, visit: Visit, *, at: datetime) -> EntitlementReserved:
        """Keep it for a booked visit (BK-23)."""
        self._must_be(UnitState.AVAILABLE)
        self.state, self.appointment_id = UnitState.RESERVED, visit.id
        return EntitlementReserved(**self._told(visit.id, at))

    def release(self, *, at: datetime) -> EntitlementReleased:
        """Give it back: its visit does not take place, or another package pays for it."""
        self._must_be(UnitState.RESERVED)
        visit_id = self.appointment_id
        self.state, self.appointment_id = UnitState.AVAILABLE, None
        return EntitlementReleased(**self._told(visit_id, at))

    def redeem(self, visit: Visit, *, at: datetime) -> SessionRedeemed:
        """Use it up for a completed session; happens at most once (FN-10)."""
        if self.state is UnitState.REDEEMED or self.appointment_id not in (None, visit.id):
            raise ValueError("redeemed already, or kept for another visit")
        self.state, self.appointment_id = UnitState.REDEEMED, visit.id
        self.package.remaining -= 1
        return SessionRedeemed(
            **self._told(visit.id, at),
            performed_at=visit.location_id,
            selling_entity_id=self.package.legal_entity_id,
            performing_entity_id=visit.legal_entity_id,
        )

    def _must_be(self, state: UnitState) -> None:
        if self.state is not state:
            raise ValueError(f"the entitlement is {self.state}, not {state}")

    def _told(self, visit_id: AppointmentId | None, at: datetime) -> dict[str, Any]:
        self.version += 1
        return {
            "entitlement_id": self.id,
            "version": self.version,
            "at": at,
            "package_id": self.package.id,
            "patient_id": self.package.patient_id,
            "appointment_id": visit_id,
            "amount": self.money,
            "remaining": self.package.remaining,
        }
