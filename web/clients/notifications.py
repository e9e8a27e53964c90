"""What notifications tells: messages and what became of them, and who should come again."""

from datetime import date, datetime
from uuid import UUID

from web.api import Api
from web.clients.shape import Shape


class Message(Shape):
    id: UUID
    template: str
    channel: str
    state: str
    send_at: datetime
    sent_at: datetime | None = None
    patient_id: UUID
    appointment_id: UUID | None = None
    location_id: UUID
    reason: str | None = None


class Letter(Message):
    """A message with its words."""

    subject: str | None = None
    body: str | None = None


class Messages(Shape):
    """One page of messages."""

    items: tuple[Message, ...]
    next_cursor: str | None = None


class Recall(Shape):
    id: UUID
    patient_id: UUID
    location_id: UUID | None = None
    due_on: date
    reason: str
    treatment: str = ""
    state: str
    appointment_id: UUID | None = None
    """The session it counts from."""
    booked_appointment_id: UUID | None = None


class Recalls(Shape):
    """One page of recalls."""

    items: tuple[Recall, ...]
    next_cursor: str | None = None


async def messages(api: Api, *, cursor: str | None = None, limit: int = 50, **filters: UUID | str | None) -> Messages:
    """Messages by `location_id`, `patient_id`, `state` and `template`, the last to be sent first or as `sort` says."""
    return await api.get("notifications", "/messages", Messages, cursor=cursor, limit=limit, **filters)


async def letter(api: Api, message_id: UUID) -> Letter:
    return await api.get("notifications", f"/messages/{message_id}", Letter)


async def recalls(
    api: Api, location_id: UUID, *, state: str | None, sort: str, cursor: str | None, limit: int
) -> Recalls:
    asked = {"location_id": location_id, "state": state, "sort": sort, "cursor": cursor, "limit": limit}
    return await api.get("notifications", "/recalls", Recalls, **asked)


async def recalls_of(api: Api, patient_id: UUID) -> tuple[Recall, ...]:
    """When one patient should come again."""
    return (await api.get("notifications", "/recalls", Recalls, patient_id=patient_id, limit=50)).items
