"""A visit: the public state of an appointment, and whether money has followed its completion."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.booking import AppointmentStatus
from contracts.values import AppointmentId, LegalEntityId, LocationId, PatientId
from services.billing.record import Record

OPEN = frozenset(
    {
        AppointmentStatus.BOOKED,
        AppointmentStatus.CONFIRMED,
        AppointmentStatus.CHECKED_IN,
        AppointmentStatus.NUMBING,
        AppointmentStatus.IN_PROCEDURE,
    }
)
"""The states in which a visit will still need a session (BK-16)."""


class Visit(Record):
    __tablename__ = "visit"

    id: Mapped[AppointmentId] = mapped_column(primary_key=True)
    version: Mapped[int]
    patient_id: Mapped[PatientId]
    location_id: Mapped[LocationId]
    legal_entity_id: Mapped[LegalEntityId]
    treatment: Mapped[str]
    status: Mapped[AppointmentStatus]
    starts_at: Mapped[datetime]
    zone: Mapped[str]
    completed_at: Mapped[datetime | None]
    performed_on: Mapped[date | None]
    """Business date at the location (FN-04); known exactly if the session was completed."""
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("(completed_at IS NULL) = (performed_on IS NULL)", name="completed_on_a_day"),
        CheckConstraint("settled_at IS NULL OR performed_on IS NOT NULL", name="settled_once_performed"),
        Index("ix_visit_patient_id", "patient_id"),
        Index(
            "ix_visit_unsettled",
            "location_id",
            "treatment",
            postgresql_where=text("performed_on IS NOT NULL AND settled_at IS NULL"),
        ),
    )

    @property
    def is_open(self) -> bool:
        """Still to come or under way, so it may hold a prepaid session."""
        return self.performed_on is None and self.status in OPEN

    @property
    def awaits_settlement(self) -> bool:
        return self.performed_on is not None and self.settled_at is None

    @property
    def needs_a_unit(self) -> bool:
        """A prepaid session should pay for it, if there is one."""
        return self.is_open or self.awaits_settlement

    @property
    def covered_at(self) -> datetime:
        """When it uses its prepaid session: a package that holds at the start holds until the end of the visit."""
        return min(self.starts_at, self.completed_at or self.starts_at)
