"""A visit as notifications knows it: the newest state it has heard of, whatever the order of arrival."""

from datetime import date, datetime
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Index
from sqlalchemy.orm import Mapped, mapped_column

from chassis.zones import zone_named
from contracts.booking import AppointmentFact, AppointmentImported, AppointmentStatus, SessionCompleted
from contracts.values import Modality
from services.notifications.record import Record

UPCOMING = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED})
CALLED_OFF = frozenset(
    {
        AppointmentStatus.CANCELLED_BY_PATIENT,
        AppointmentStatus.CANCELLED_BY_CLINIC,
        AppointmentStatus.LATE_CANCEL,
    }
)
NOT_TAKING_PLACE = CALLED_OFF | {AppointmentStatus.NO_SHOW, AppointmentStatus.ABORTED_MEDICAL}


class Place(Record):
    """A location: its name and number stand in every message (NT-04, NT-06)."""

    __tablename__ = "place"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    name: Mapped[str]
    zone: Mapped[str]
    phone: Mapped[str | None]


class Patient(Record):
    """Nothing but the row at which changes of one patient queue: a booking and a recall never miss each other."""

    __tablename__ = "patient"

    id: Mapped[UUID] = mapped_column(primary_key=True)


class Visit(Record):
    __tablename__ = "visit"
    __table_args__ = (Index(None, "patient_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The appointment's id."""
    version: Mapped[int]
    """Of the newest fact heard."""
    changed_at: Mapped[datetime]
    """When that fact happened."""
    patient_id: Mapped[UUID]
    location_id: Mapped[UUID]
    treatment: Mapped[str]
    modality: Mapped[Modality]
    status: Mapped[AppointmentStatus]
    sequence: Mapped[int]
    told_at: Mapped[datetime]
    """The earliest heard fact of this `sequence`: when this time was agreed."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    local_start: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    zone: Mapped[str]
    imported: Mapped[bool]
    completed_at: Mapped[datetime | None]
    performed_on: Mapped[date | None]

    @classmethod
    def first_heard(cls, fact: AppointmentFact) -> Self:
        visit = cls(id=fact.appointment_id, imported=False, completed_at=None, performed_on=None)
        visit._take_over(fact)
        visit.told_at = fact.at
        visit._note(fact)
        return visit

    def hear(self, fact: AppointmentFact) -> None:
        """Take what is news in this fact; the same facts in any order end in the same visit."""
        if fact.sequence > self.sequence:
            self.told_at = fact.at
        elif fact.sequence == self.sequence:
            self.told_at = min(self.told_at, fact.at)
        if fact.version > self.version:
            self._take_over(fact)
        self._note(fact)

    def _take_over(self, fact: AppointmentFact) -> None:
        self.version, self.changed_at = fact.version, fact.at
        self.patient_id, self.location_id = fact.patient_id, fact.location_id
        self.treatment, self.modality = fact.treatment, fact.modality
        self.status, self.sequence = fact.status, fact.sequence
        self.starts_at, self.ends_at = fact.starts_at, fact.ends_at
        self.local_start, self.zone = fact.local_start, fact.zone

    def _note(self, fact: AppointmentFact) -> None:
        """What only one kind of fact says stays, whichever version it came with."""
        if isinstance(fact, AppointmentImported):
            self.imported = True
        if isinstance(fact, SessionCompleted):
            self.completed_at, self.performed_on = fact.completed_at, fact.performed_on

    @property
    def tz(self) -> ZoneInfo:
        return zone_named(self.zone)

    @property
    def is_upcoming(self) -> bool:
        return self.status in UPCOMING

    @property
    def takes_place(self) -> bool:
        """Whether it needles, and was not called off: a later one of these answers a recall."""
        return self.modality.needles and self.status not in NOT_TAKING_PLACE
