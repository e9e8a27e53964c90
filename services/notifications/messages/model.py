"""A message and its life: scheduled, sending, then sent, failed or suppressed, each at most once."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import new_id
from chassis.errors import Conflict
from contracts.notifications import (
    MessageFailed,
    MessageSent,
    MessageSuppressed,
    SuppressionReason,
    Template,
)
from contracts.values import AppointmentId, Channel, LocationId, MessageId, PatientId
from services.notifications.messages.planning import Wanted
from services.notifications.record import Record
from services.notifications.visits.model import Visit


class NotThatState(Conflict):
    """The message is not in a state that allows this."""


class State(StrEnum):
    SCHEDULED = "scheduled"
    SENDING = "sending"
    """Committed before the channel is called: whatever happens then, it is not sent a second time (NT-17)."""
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class FailureReason(StrEnum):
    REFUSED = "refused"
    """The channel said no for good."""
    OUTCOME_UNKNOWN = "outcome_unknown"
    """Contact was lost while it was being handed over; it may or may not have arrived."""


class Message(Record):
    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("appointment_id", "sequence", "template", "channel"),
        CheckConstraint("sequence >= 0", name="sequence"),
        CheckConstraint("version >= 0", name="version"),
        CheckConstraint(
            "state NOT IN ('sending', 'sent') OR (claimed_at IS NOT NULL AND body IS NOT NULL)", name="said"
        ),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        CheckConstraint("(state IN ('failed', 'suppressed')) = (reason IS NOT NULL)", name="reason"),
        Index("ix_message_due", "send_at", "id", postgresql_where=text("state = 'scheduled'")),
        Index("ix_message_sending", "claimed_at", postgresql_where=text("state = 'sending'")),
        Index(None, "patient_id", "send_at"),
        Index(None, "location_id", "send_at"),
        Index(None, "recall_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    """Facts told about this message; 0 while it only waits."""
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    sequence: Mapped[int]
    """Of the visit it speaks of: a move makes other messages (NT-19)."""
    patient_id: Mapped[UUID]
    location_id: Mapped[UUID]
    recall_id: Mapped[UUID | None] = mapped_column(ForeignKey("recall.id"))
    template: Mapped[Template]
    channel: Mapped[Channel]
    state: Mapped[State]
    send_at: Mapped[datetime]
    useful_until: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    subject: Mapped[str | None]
    body: Mapped[str | None]
    """What was said, kept with the record of the patient; never in a fact or a log (CP-14)."""

    @classmethod
    def schedule(cls, wanted: Wanted, visit: Visit, *, channel: Channel, recall_id: UUID | None = None) -> Self:
        return cls(**scheduled(wanted, visit, channel=channel), recall_id=recall_id)

    def reschedule(self, wanted: Wanted) -> None:
        """Wanted again or at another time; what was said already is not said again."""
        if self.state is State.SUPPRESSED:
            self.state, self.reason = State.SCHEDULED, None
        if self.state is State.SCHEDULED:
            self.send_at, self.useful_until = wanted.send_at, wanted.useful_until

    def postpone(self, until: datetime) -> None:
        self._must_be(State.SCHEDULED)
        self.send_at = until

    def suppress(self, reason: SuppressionReason, *, at: datetime) -> MessageSuppressed:
        """Not said, and why."""
        self._must_be(State.SCHEDULED)
        self.state, self.reason = State.SUPPRESSED, reason.value
        return MessageSuppressed(reason=reason, **self._told(at))

    def claim(self, *, subject: str, body: str, at: datetime) -> None:
        """About to be handed to the channel: commit this before the call."""
        self._must_be(State.SCHEDULED)
        self.state, self.claimed_at = State.SENDING, at
        self.subject, self.body = subject, body

    def sent(self, *, at: datetime) -> MessageSent:
        self._must_be(State.SENDING)
        self.state, self.sent_at = State.SENT, at
        return MessageSent(**self._told(at))

    def fail(self, reason: FailureReason, *, at: datetime) -> MessageFailed:
        self._must_be(State.SENDING)
        self.state, self.reason = State.FAILED, reason.value
        return MessageFailed(**self._told(at))

    def give_back(self, *, until: datetime) -> None:
        """The channel certainly did not take it: try again later."""
        self._must_be(State.SENDING)
        self.state, self.claimed_at, self.send_at = State.SCHEDULED, None, until

    def _must_be(self, state: State) -> None:
        if self.state is not state:
            raise NotThatState(state=self.state.value)

    def _told(self, at: datetime) -> dict[str, Any]:
        self.version += 1
        return {
            "version": self.version,
            "at": at,
            "message_id": MessageId(self.id),
            "patient_id": PatientId(self.patient_id),
            "location_id": LocationId(self.location_id),
            "appointment_id": AppointmentId(self.appointment_id),
            "template": self.template,
            "channel": self.channel,
        }


MESSAGES = Record.metadata.tables[Message.__tablename__]
PLANNED = (
    "id",
    "version",
    "appointment_id",
    "sequence",
    "patient_id",
    "location_id",
    "template",
    "channel",
    "state",
    "send_at",
    "useful_until",
)
"""The columns of a message that waits."""


def scheduled(wanted: Wanted, visit: Visit, *, channel: Channel) -> dict[str, Any]:
    """A message that waits, by its columns: planned by the thousand, and inserted as they are."""
    return {
        "id": new_id(),
        "version": 0,
        "appointment_id": visit.id,
        "sequence": visit.sequence,
        "patient_id": visit.patient_id,
        "location_id": visit.location_id,
        "template": wanted.template,
        "channel": channel,
        "state": State.SCHEDULED,
        "send_at": wanted.send_at,
        "useful_until": wanted.useful_until,
    }
