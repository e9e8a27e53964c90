"""A treatment on offer, and the plan its visits are booked with (CL-01, BK-05)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Conflict
from contracts.booking import TreatmentChanged
from contracts.values import Modality, TreatmentId
from services.booking.record import Record
from services.booking.schedule.segments import Plan


class OfferChanged(Conflict):
    """Somebody else changed this treatment meanwhile. Look at it as it is now, then make your change again."""


class Treatment(Record):
    __tablename__ = "treatment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    modality: Mapped[Modality]
    colour: Mapped[str]
    """`#rrggbb`, of its visits in the day's grid."""
    plan: Mapped[dict[str, Any]]
    """Fields of `schedule.segments.Plan`."""
    active: Mapped[bool]

    @property
    def segments(self) -> Plan:
        return Plan(**self.plan)

    def changed(self, *, at: datetime) -> TreatmentChanged:
        """Tell what it is called now."""
        self.version += 1
        return TreatmentChanged(
            version=self.version,
            at=at,
            treatment_id=TreatmentId(self.id),
            treatment=self.code,
            name=self.name,
            modality=self.modality,
            active=self.active,
        )
