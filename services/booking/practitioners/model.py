"""Who treats, with which credential where, and when they are there (BK-10, BK-12)."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Time
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Conflict, Refused
from contracts.booking import PractitionerChanged
from contracts.values import LocationId, Modality, PractitionerId
from services.booking.record import Record


class ShiftNotValid(Refused):
    """A shift is on a weekday or on one day, begins before it ends, and is at a location of this practitioner."""


class ShiftOverlaps(Conflict):
    """They work here at this time already, by another shift. Choose other hours, or end the other shift first."""


class VisitsInTheWay(Conflict):
    """Visits are booked in this time. Move or cancel them first.

    `appointment_ids` lists them (BK-12).
    """


class Practitioner(Record):
    __tablename__ = "practitioner"

    id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    version: Mapped[int]
    name: Mapped[str]
    initials: Mapped[str]
    credential: Mapped[str]
    """What stands behind the name, such as RN."""
    active: Mapped[bool]

    def changed(self, location_ids: list[UUID], *, at: datetime) -> PractitionerChanged:
        """Tell where they work now."""
        self.version += 1
        return PractitionerChanged(
            version=self.version,
            at=at,
            practitioner_id=PractitionerId(self.id),
            location_ids=tuple(LocationId(each) for each in sorted(location_ids)),
            active=self.active,
        )


class Workplace(Record):
    """A practitioner works at a location."""

    __tablename__ = "workplace"

    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"), primary_key=True, index=True)


class Credential(Record):
    """May needle in this way at this location, up to a day (BK-10)."""

    __tablename__ = "credential"

    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"), primary_key=True)
    modality: Mapped[Modality] = mapped_column(primary_key=True)
    valid_until: Mapped[date]


class Shift(Record):
    """Local working hours: every week on `weekday` between two days, or on one `day`."""

    __tablename__ = "shift"
    __table_args__ = (Index(None, "practitioner_id", "location_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    weekday: Mapped[int | None]
    day: Mapped[date | None]
    starts: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]


class Absence(Record):
    """Not there on a day, whatever the shifts say; all day when it has no times."""

    __tablename__ = "absence"
    __table_args__ = (Index(None, "practitioner_id", "day"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"))
    day: Mapped[date]
    starts: Mapped[time | None] = mapped_column(Time)
    ends: Mapped[time | None] = mapped_column(Time)
