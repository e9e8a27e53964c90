"""HTTP door of recalls: who should come again."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, Field

from chassis import http
from chassis.auth import Scope, require
from chassis.http import Db, Page, Paged, refuses
from chassis.inline import inline
from contracts.identity import CLINIC
from contracts.notifications import RecallReason
from contracts.values import AppointmentId, LocationId, PatientId, RecallId
from services.notifications.recalls import queries
from services.notifications.recalls.model import Recall, RecallState

router = http.router("/recalls", tag="recalls")
Reader = Annotated[Scope, require(*CLINIC)]
Sort = Literal["due_on", "-due_on"]


class RecallOut(BaseModel):
    """When a patient should come again after a session."""

    id: RecallId
    patient_id: PatientId
    location_id: LocationId
    due_on: date = Field(examples=["2026-12-29"])
    reason: RecallReason
    treatment: str = Field(examples=["pen-face"], description="What the session was that it counts from.")
    state: RecallState
    appointment_id: AppointmentId = Field(description="The session it counts from.")
    booked_appointment_id: AppointmentId | None = Field(description="The visit that closed it.")

    @classmethod
    def of(cls, recall: Recall, treatment: str) -> Self:
        own = {name: getattr(recall, name) for name in cls.model_fields if name != "treatment"}
        return cls(treatment=treatment, **own)


class Asked:
    """Which recalls are meant; nothing given is no condition."""

    def __init__(
        self,
        location_id: LocationId | None = None,
        state: RecallState | None = None,
        patient_id: PatientId | None = None,
    ) -> None:
        asked = {Recall.location_id: location_id, Recall.state: state, Recall.patient_id: patient_id}
        self.conditions = [column == value for column, value in asked.items() if value is not None]


@router.get("", responses=refuses(http.BadCursor))
async def list_recalls(
    db: Db, scope: Reader, paging: Paged, asked: Annotated[Asked, Depends(inline(Asked))], *, sort: Sort = "due_on"
) -> Page[RecallOut]:
    """Recalls of your locations, the most urgent first."""
    mine = scope.within(Recall.location_id)
    async with db.reading() as tx:
        found = await queries.by_due_day(
            tx,
            mine,
            *asked.conditions,
            after=paging.after(date, UUID),
            limit=paging.limit + 1,
            latest_first=sort == "-due_on",
        )
        return paging.page([RecallOut.of(*each) for each in found], lambda each: (each.due_on, each.id))
