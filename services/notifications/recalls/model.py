"""A recall: one per needling session, open until the patient books again."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self, TypeVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import new_id
from contracts.notifications import RecallClosed, RecallDue, RecallFact, RecallReason, RecallScheduled
from contracts.values import AppointmentId, LocationId, PatientId, RecallId
from services.notifications.recalls.deciding import Decision
from services.notifications.record import Record
from services.notifications.visits.model import Visit

Told = TypeVar("Told", bound=RecallFact)


class RecallState(StrEnum):
    OPEN = "open"
    DUE = "due"
    """The day has come; the patient was or will be invited."""
    CLOSED = "closed"
    """A later visit is booked; open again if that one is called off (NT-28)."""


class Recall(Record):
    __tablename__ = "recall"
    __table_args__ = (
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("(state = 'closed') = (booked_appointment_id IS NOT NULL)", name="closed"),
        Index(None, "patient_id"),
        Index("ix_recall_list", "location_id", "due_on", "id"),
        Index("ix_recall_waiting", "due_at", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), unique=True)
    """The session it counts from; a session has one recall."""
    patient_id: Mapped[UUID]
    location_id: Mapped[UUID]
    reason: Mapped[RecallReason]
    due_on: Mapped[date]
    due_at: Mapped[datetime]
    """That day in the morning, at the location."""
    state: Mapped[RecallState]
    booked_appointment_id: Mapped[UUID | None]

    @classmethod
    def decide(cls, visit: Visit, decision: Decision, *, at: datetime) -> tuple[Self, RecallScheduled]:
        recall = cls(
            id=new_id(),
            version=0,
            appointment_id=visit.id,
            patient_id=visit.patient_id,
            location_id=visit.location_id,
            reason=decision.reason,
            due_on=decision.due_on,
            due_at=decision.due_at,
            state=RecallState.OPEN,
        )
        return recall, recall._tell(RecallScheduled, at)

    def follow(self, decision: Decision, booked: UUID | None, *, at: datetime) -> Iterator[RecallFact]:
        """Bring it in line with what is known now: another decision, a booking, or a booking called off."""
        reopened = booked is None and self.state is RecallState.CLOSED
        if reopened:
            self.state = RecallState.OPEN
        changed = self.state is not RecallState.DUE and decision != Decision(self.reason, self.due_on, self.due_at)
        if changed:
            self.reason, self.due_on, self.due_at = decision.reason, decision.due_on, decision.due_at
        if self.state is RecallState.OPEN and (changed or reopened):
            yield self._tell(RecallScheduled, at)
        was_waiting = self.state is not RecallState.CLOSED
        self.booked_appointment_id = booked
        if booked is not None and was_waiting:
            self.state = RecallState.CLOSED
            yield self._tell(RecallClosed, at, booked_appointment_id=booked)

    def fall_due(self, *, at: datetime) -> RecallDue:
        self.state = RecallState.DUE
        return self._tell(RecallDue, at, noticed_at=at)

    def _tell(self, kind: type[Told], at: datetime, **more: Any) -> Told:
        self.version += 1
        return kind(
            version=self.version,
            at=at,
            recall_id=RecallId(self.id),
            patient_id=PatientId(self.patient_id),
            location_id=LocationId(self.location_id),
            appointment_id=AppointmentId(self.appointment_id),
            reason=self.reason,
            due_on=self.due_on,
            **more,
        )


class Package(Record):
    """A package the patient bought: how many sessions of what, and until when."""

    __tablename__ = "package"
    __table_args__ = (Index(None, "patient_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    patient_id: Mapped[UUID]
    treatment: Mapped[str]
    sessions: Mapped[int]
    sold_at: Mapped[datetime]
    expires_on: Mapped[date | None]


class Redemption(Record):
    """A session of a package that was used up."""

    __tablename__ = "redemption"
    __table_args__ = (Index(None, "patient_id"),)

    entitlement_id: Mapped[UUID] = mapped_column(primary_key=True)
    package_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    appointment_id: Mapped[UUID]
