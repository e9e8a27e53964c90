"""What notifications tells: what was said to whom (never the words), and who should come again."""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, Field

from contracts.envelope import Fact
from contracts.values import AppointmentId, Channel, LocationId, MessageId, PatientId, RecallId


class Template(StrEnum):
    """Every message we know how to write (NT-21, NT-25, NT-27)."""

    BOOKING_CONFIRMATION = "booking_confirmation"
    BOOKING_MOVED = "booking_moved"
    BOOKING_CANCELLED = "booking_cancelled"
    REMINDER_72H = "reminder_72h"
    REMINDER_24H = "reminder_24h"
    AFTERCARE_H2 = "aftercare_h2"
    AFTERCARE_H24 = "aftercare_h24"
    AFTERCARE_D3 = "aftercare_d3"
    AFTERCARE_D7 = "aftercare_d7"
    AFTERCARE_D28 = "aftercare_d28"
    RECALL_SERIES = "recall_series"
    RECALL_MAINTENANCE = "recall_maintenance"


class SuppressionReason(StrEnum):
    APPOINTMENT_CHANGED = "appointment_changed"
    TOO_LATE = "too_late"
    NO_CONTACT = "no_contact"
    ALREADY_BOOKED = "already_booked"
    DAILY_CAP = "daily_cap"
    OPTED_OUT = "opted_out"


class MessageFact(Fact):
    aggregate: ClassVar[str] = "message"
    key: ClassVar[str] = "message_id"

    message_id: MessageId
    patient_id: PatientId
    location_id: LocationId
    appointment_id: AppointmentId | None
    template: Template
    channel: Channel


class MessageSent(MessageFact):
    """The channel took it."""

    type: ClassVar[str] = "notifications.message-sent"


class MessageFailed(MessageFact):
    """The channel refused it for good, or it is unknown whether it went out (NT-17)."""

    type: ClassVar[str] = "notifications.message-failed"


class MessageSuppressed(MessageFact):
    """It was not sent, and why (NT-16, NT-18)."""

    type: ClassVar[str] = "notifications.message-suppressed"

    reason: SuppressionReason


class AftercareScheduled(Fact):
    """The aftercare series of a session stands (CL-74..86, NT-25)."""

    type: ClassVar[str] = "notifications.aftercare-scheduled"
    aggregate: ClassVar[str] = "aftercare"
    key: ClassVar[str] = "appointment_id"

    appointment_id: AppointmentId
    patient_id: PatientId
    location_id: LocationId
    messages: int = Field(ge=0)
    """0 for a session in which nothing was needled."""


class RecallReason(StrEnum):
    SERIES = "series"
    MAINTENANCE = "maintenance"


class RecallFact(Fact):
    aggregate: ClassVar[str] = "recall"
    key: ClassVar[str] = "recall_id"

    recall_id: RecallId
    patient_id: PatientId
    location_id: LocationId
    appointment_id: AppointmentId
    """The session it counts from."""
    reason: RecallReason
    due_on: date


class RecallScheduled(RecallFact):
    """When this patient should come again (CL-22, CL-26, NT-27)."""

    type: ClassVar[str] = "notifications.recall-scheduled"


class RecallDue(RecallFact):
    """The day has come and nothing is booked."""

    type: ClassVar[str] = "notifications.recall-due"

    noticed_at: AwareDatetime


class RecallClosed(RecallFact):
    """No longer needed: the patient booked, or a later session replaced it (NT-28)."""

    type: ClassVar[str] = "notifications.recall-closed"

    booked_appointment_id: AppointmentId | None = None
