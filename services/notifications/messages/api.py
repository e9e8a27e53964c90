"""HTTP door of messages: what was said to whom, what will be, and why something was not."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, Field

from chassis import http
from chassis.auth import Scope, require
from chassis.db import one
from chassis.errors import NotFound
from chassis.http import Db, Page, Paged, refuses
from chassis.inline import inline
from contracts.identity import CLINIC
from contracts.notifications import Template
from contracts.values import AppointmentId, Channel, LocationId, MessageId, PatientId
from services.notifications.messages import queries
from services.notifications.messages.model import Message, State

router = http.router("/messages", tag="messages")
Reader = Annotated[Scope, require(*CLINIC)]
Sort = Literal["send_at", "-send_at"]


class MessageOut(BaseModel):
    """A message to a patient; its words are told one by one."""

    id: MessageId
    template: Template
    channel: Channel
    state: State
    send_at: datetime = Field(
        description="When it is due; at night, by the patient's own clock, it waits for their morning.",
        examples=["2026-11-21T15:00:00Z"],
    )
    sent_at: datetime | None
    patient_id: PatientId
    appointment_id: AppointmentId
    location_id: LocationId
    reason: str | None = Field(
        description="Why it was suppressed or failed.", examples=["already_booked", "outcome_unknown"]
    )

    @classmethod
    def of(cls, message: Message) -> Self:
        return cls.model_validate(message, from_attributes=True)


class MessageWithWordsOut(MessageOut):
    """A message as the patient reads it; null while it only waits, for it is written when it goes."""

    subject: str | None
    body: str | None


class Asked:
    """Which messages are meant; nothing given is no condition."""

    def __init__(
        self,
        *,
        patient_id: PatientId | None = None,
        appointment_id: AppointmentId | None = None,
        location_id: LocationId | None = None,
        state: State | None = None,
        template: Template | None = None,
    ) -> None:
        asked = {
            Message.patient_id: patient_id,
            Message.appointment_id: appointment_id,
            Message.location_id: location_id,
            Message.state: state,
            Message.template: template,
        }
        self.conditions = [column == value for column, value in asked.items() if value is not None]


@router.get("", responses=refuses(http.BadCursor))
async def list_messages(
    db: Db, scope: Reader, paging: Paged, asked: Annotated[Asked, Depends(inline(Asked))], *, sort: Sort = "-send_at"
) -> Page[MessageOut]:
    """Messages of your locations, the last to be sent first."""
    mine = scope.within(Message.location_id)
    async with db.reading() as tx:
        found = await queries.by_time(
            tx,
            mine,
            *asked.conditions,
            after=paging.after(datetime, UUID),
            limit=paging.limit + 1,
            latest_first=sort == "-send_at",
        )
        return paging.page([MessageOut.of(each) for each in found], lambda each: (each.send_at, each.id))


@router.get("/{message_id}", responses=refuses(NotFound))
async def show_message(message_id: MessageId, db: Db, scope: Reader) -> MessageWithWordsOut:
    """One message with its words."""
    async with db.reading() as tx:
        message = await one(tx, Message, message_id)
        scope.must_cover(message.location_id, kind="message", id=message.id)
        return MessageWithWordsOut.of(message)
