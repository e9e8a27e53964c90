"""What can be occupied, and by which visit it is: the one place where double booking is impossible (BK-06).

Each practitioner, room, device and patient has a `resource` row. Whoever wants to occupy some of them locks those
rows in the order of their ids first, so nobody waits in a circle. The exclusion constraint holds even if one forgets.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.record import Record
from services.booking.schedule.segments import ResourceKind

NO_OVERLAP = "ex_claim_resource_id_during"


class Resource(Record):
    """Something one visit at a time can occupy; the row is what a booking locks."""

    __tablename__ = "resource"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[ResourceKind]


class Claim(Record):
    """A visit occupies a resource; the row lives exactly as long as it does so."""

    __tablename__ = "claim"

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    kind: Mapped[ResourceKind] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    __table_args__ = (
        ExcludeConstraint(
            ("resource_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name=NO_OVERLAP,
            using="gist",
        ),
        Index("ix_claim_resource_id_starts_at", "resource_id", "starts_at", postgresql_include=["ends_at"]),
        Index("ix_claim_ends_at", "ends_at"),
    )
