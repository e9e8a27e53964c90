"""An appointment and its transitions; each is pure, checks the table, and returns the fact it made (BK-16)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Conflict
from contracts import booking as told
from contracts.booking import AppointmentFact, AppointmentStatus
from contracts.values import ConsumptionLine, Modality
from services.booking.appointments.transitions import (
    ALLOWED,
    LATE_CANCEL_BEFORE,
    MOVABLE,
    NO_SHOW_AFTER,
    REINSTATE_WITHIN,
)
from services.booking.record import Record
from services.booking.schedule.segments import NUMBING_MINUTES, Plan, ResourceKind
from services.booking.schedule.spans import Span
from services.booking.schedule.wall_time import local_of

Told = TypeVar("Told", bound=AppointmentFact)
_PUBLIC = tuple(name for name in AppointmentFact.model_fields if name not in {"at", "appointment_id"})
"""The state that every fact of an appointment carries; fields and columns have the same names."""
NUMBING_MAX = timedelta(minutes=NUMBING_MINUTES[-1])
"""Longer than this the cream is not left on unnoticed (CL-09)."""


class IllegalTransition(Conflict):
    """The visit has gone on or has ended: this can't be done with it now.

    `state` is the status it has, `wanted` what was asked for.
    """


class TooEarly(Conflict):
    """A visit can be marked as missed from 15 minutes after its start on.

    `earliest` says when that is.
    """


class TooLate(Conflict):
    """A missed visit can be taken back for 24 hours. Book a new one instead."""


class CreamStillOn(Conflict):
    """The numbing cream has been on for over an hour. Take it off and say so before the needling begins."""


class CancelledBy(StrEnum):
    PATIENT = "patient"
    CLINIC = "clinic"
    MEDICAL = "medical"


class Origin(StrEnum):
    DESK = "desk"
    IMPORT = "import"


class Appointment(Record):
    __tablename__ = "appointment"
    __table_args__ = (
        Index(None, "location_id", "starts_at"),
        Index(None, "patient_id", "starts_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    sequence: Mapped[int]
    status: Mapped[AppointmentStatus]
    origin: Mapped[Origin]
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    legal_entity_id: Mapped[UUID]
    treatment_id: Mapped[UUID] = mapped_column(ForeignKey("treatment.id"))
    treatment: Mapped[str]
    modality: Mapped[Modality]
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"))
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id"))
    device_id: Mapped[UUID | None] = mapped_column(ForeignKey("device.id"))
    bay_id: Mapped[UUID | None] = mapped_column(ForeignKey("room.id"))
    plan: Mapped[dict[str, Any]]
    """The segments as they were when it was booked."""
    local_start: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    zone: Mapped[str]
    tzdata: Mapped[str]
    """The edition of the zone rules that `starts_at` was derived with (BK-01, BK-02)."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[str | None]
    interval_override: Mapped[str | None]
    """Why a clinician booked it closer to another session than CL-22 allows; it holds for this date only."""
    interval_override_by: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    booked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    numbing_at: Mapped[datetime | None]
    numbing_off_at: Mapped[datetime | None]
    """Recorded before the needling; always there when the cream was on for longer than an hour (CL-09)."""
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def segments(self) -> Plan:
        return Plan(**self.plan)

    def occupies(self) -> dict[ResourceKind, tuple[UUID, Span]]:
        """Which resource of each kind it takes, and when."""
        resources = {
            ResourceKind.PATIENT: self.patient_id,
            ResourceKind.PRACTITIONER: self.practitioner_id,
            ResourceKind.ROOM: self.room_id,
            ResourceKind.DEVICE: self.device_id,
            ResourceKind.NUMBING_BAY: self.bay_id,
        }
        spans = self.segments.spans(self.starts_at)
        return {kind: (id_, spans[kind]) for kind, id_ in resources.items() if id_ is not None}

    def book(self, *, at: datetime) -> told.AppointmentBooked:
        """The time is theirs."""
        return self._tell(told.AppointmentBooked, at)

    def take_over(self, *, at: datetime) -> told.AppointmentImported:
        """Another system knew it first, and has told the patient what there was to tell."""
        return self._tell(told.AppointmentImported, at)

    def confirm(self, *, at: datetime) -> told.AppointmentConfirmed:
        """The patient said they will come."""
        self._become(AppointmentStatus.CONFIRMED, only_from=AppointmentStatus.BOOKED)
        self.confirmed_at = at
        return self._tell(told.AppointmentConfirmed, at)

    def move(self, *, at: datetime) -> told.AppointmentMoved:
        """It has another time, practitioner or room, set by the caller; the id stays (BK-18)."""
        self.sequence += 1
        return self._tell(told.AppointmentMoved, at)

    def must_be_movable(self) -> None:
        if self.status not in MOVABLE:
            raise IllegalTransition(state=self.status.value, wanted="move")

    def cancel(self, by: CancelledBy, reason: str | None, *, at: datetime) -> told.AppointmentCancelled:
        """It will not take place; by the patient less than 24 hours ahead it is a late cancellation (BK-25)."""
        self._become(self._cancelled_as(by, at))
        self.cancel_reason, self.ended_at = reason, at
        return self._tell(told.AppointmentCancelled, at)

    def check_in(self, *, at: datetime) -> told.PatientArrived:
        """The patient is here."""
        self._become(AppointmentStatus.CHECKED_IN)
        self.arrived_at = at
        return self._tell(told.PatientArrived, at)

    def numb(self, *, at: datetime) -> told.NumbingStarted:
        """The cream is on."""
        self._become(AppointmentStatus.NUMBING)
        self.numbing_at = at
        return self._tell(told.NumbingStarted, at)

    def start(self, *, cream_off: bool = False, at: datetime) -> told.TreatmentStarted:
        """The needling has begun; not while a cream that was on for over an hour is not known to be off (CL-09)."""
        too_long = self.numbing_at is not None and at - self.numbing_at > NUMBING_MAX
        self._become(AppointmentStatus.IN_PROCEDURE, unless=too_long and not cream_off and CreamStillOn())
        if self.numbing_at is not None and cream_off:
            self.numbing_off_at = at
        self.started_at = at
        return self._tell(told.TreatmentStarted, at)

    def miss(self, *, at: datetime) -> told.AppointmentMissed:
        """The patient did not come; not before a quarter of an hour has passed (BK-17)."""
        earliest = self.starts_at + NO_SHOW_AFTER
        self._become(AppointmentStatus.NO_SHOW, unless=at < earliest and TooEarly(earliest=earliest.isoformat()))
        self.ended_at = at
        return self._tell(told.AppointmentMissed, at)

    def reinstate(self, *, at: datetime) -> told.AppointmentReinstated:
        """They came after all: within 24 hours the visit is what it was before (BK-17)."""
        before = AppointmentStatus.CONFIRMED if self.confirmed_at else AppointmentStatus.BOOKED
        late = self.ended_at is not None and at > self.ended_at + REINSTATE_WITHIN and TooLate()
        self._become(before, only_from=AppointmentStatus.NO_SHOW, unless=late)
        self.ended_at = None
        return self._tell(told.AppointmentReinstated, at)

    def complete(
        self,
        *,
        started_at: datetime,
        completed_at: datetime,
        consumption: tuple[ConsumptionLine, ...],
        second_cartridge: bool = False,
        at: datetime,
    ) -> told.SessionCompleted:
        """The record is signed: money, stock, aftercare and recall follow from this fact."""
        self._become(AppointmentStatus.COMPLETED)
        self.started_at, self.ended_at = started_at, completed_at
        return self._tell(
            told.SessionCompleted,
            at,
            started_at=started_at,
            completed_at=completed_at,
            performed_on=local_of(started_at, self.zone).date(),
            consumption=consumption,
            second_cartridge=second_cartridge,
        )

    def _cancelled_as(self, by: CancelledBy, at: datetime) -> AppointmentStatus:
        match by:
            case CancelledBy.MEDICAL:
                return AppointmentStatus.ABORTED_MEDICAL
            case CancelledBy.CLINIC:
                return AppointmentStatus.CANCELLED_BY_CLINIC
            case CancelledBy.PATIENT:
                late = local_of(at, self.zone) > self.local_start - LATE_CANCEL_BEFORE
                return AppointmentStatus.LATE_CANCEL if late else AppointmentStatus.CANCELLED_BY_PATIENT

    def _become(
        self,
        status: AppointmentStatus,
        *,
        only_from: AppointmentStatus | None = None,
        unless: Conflict | bool = False,
    ) -> None:
        if status not in ALLOWED[self.status] or (only_from is not None and self.status is not only_from):
            raise IllegalTransition(state=self.status.value, wanted=status.value)
        if isinstance(unless, Conflict):
            raise unless
        self.status = status

    def _tell(self, kind: type[Told], at: datetime, **more: Any) -> Told:
        """A fact with the whole public state, as every fact of an appointment has it."""
        self.version += 1
        public: dict[str, Any] = {"appointment_id": self.id, **{name: getattr(self, name) for name in _PUBLIC}}
        return kind(at=at, **public, **more)
