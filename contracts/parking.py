"""What every service that listens tells of messages it had put aside."""

from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from contracts.envelope import Fact


class Outcome(StrEnum):
    REPLAYED = "replayed"
    DROPPED = "dropped"


class DropReason(StrEnum):
    """Why a message will never be handled; a closed list, so that nobody's name gets into a fact."""

    UNREADABLE = "unreadable"
    """It is damaged, and what it told can't be had again."""
    SUPERSEDED = "superseded"
    """What it told has come another way, or no longer matters."""
    DONE_BY_HAND = "done_by_hand"
    """Somebody did what it should have led to."""
    NOT_OURS = "not_ours"
    """It should never have been sent here."""


class ParkedMessageClosed(Fact):
    """A message that a service could not handle, and had put aside, was handled after all or dropped for a reason."""

    aggregate: ClassVar[str] = "parked-message"
    key: ClassVar[str] = "message_id"

    message_id: UUID
    fact: str
    """The type of the message that was put aside."""
    about: UUID
    """The id of the thing that message was about."""
    outcome: Outcome
    reason: DropReason | None = None

    @classmethod
    def told_by(cls, service: str) -> type[Self]:
        """The kind that this service tells: facts belong to the topic of whoever tells them."""
        return next(kind for kind in cls.__subclasses__() if kind.topic() == service)


class BillingParkedMessageClosed(ParkedMessageClosed):
    """Billing had put a message aside; it was handled after all, or dropped for a reason."""

    type: ClassVar[str] = "billing.parked-message-closed"


class InventoryParkedMessageClosed(ParkedMessageClosed):
    """Inventory had put a message aside; it was handled after all, or dropped for a reason."""

    type: ClassVar[str] = "inventory.parked-message-closed"


class NotificationsParkedMessageClosed(ParkedMessageClosed):
    """Notifications had put a message aside; it was handled after all, or dropped for a reason."""

    type: ClassVar[str] = "notifications.parked-message-closed"


class AuditParkedMessageClosed(ParkedMessageClosed):
    """Audit had put a message aside; it was handled after all, or dropped for a reason."""

    type: ClassVar[str] = "audit.parked-message-closed"
