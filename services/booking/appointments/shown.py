"""An appointment as it goes over HTTP."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.fields import LocalTime
from contracts.booking import AppointmentStatus
from contracts.values import Modality
from services.booking.appointments.queries import Visit
from services.booking.appointments.transitions import next_actions
from services.booking.schedule.wall_time import local_of


class PatientName(BaseModel):
    given_name: str
    family_name: str


class AppointmentOut(BaseModel):
    id: UUID
    patient_id: UUID
    patient: PatientName
    location_id: UUID
    treatment: str
    treatment_name: str
    modality: Modality
    practitioner_id: UUID
    practitioner_name: str
    room_id: UUID
    room_name: str
    device_id: UUID | None
    status: AppointmentStatus
    version: int = Field(description="Send it with a change to be told if somebody else was faster.")
    sequence: int
    local_start: LocalTime = Field(examples=["2026-11-24T10:00:00"])
    local_end: LocalTime = Field(examples=["2026-11-24T11:30:00"])
    starts_at: datetime
    ends_at: datetime
    zone: str
    numbing_at: datetime | None = Field(description="When numbing was started.")
    numbing_off_at: datetime | None = Field(description="When the cream was off, if that was said at the start.")
    started_at: datetime | None = Field(description="When the treatment was started.")
    next_actions: list[str] = Field(examples=[["confirm", "check-in", "move", "cancel"]])
    flags: list[str] = Field(examples=[["new"]])
    note: str | None

    @classmethod
    def of(cls, visit: Visit, *, now: datetime) -> Self:
        """The visit, and what may be done with it at this moment."""
        booked = visit.appointment
        actions = next_actions(
            booked.status,
            starts_at=booked.starts_at,
            missed_at=booked.ended_at,
            numbs=bool(booked.plan.get("numbing")),
            now=now,
        )
        return cls(
            id=booked.id,
            patient_id=booked.patient_id,
            patient=PatientName(given_name=visit.given_name, family_name=visit.family_name),
            location_id=booked.location_id,
            treatment=booked.treatment,
            treatment_name=visit.treatment_name,
            modality=booked.modality,
            practitioner_id=booked.practitioner_id,
            practitioner_name=visit.practitioner_name,
            room_id=booked.room_id,
            room_name=visit.room_name,
            device_id=booked.device_id,
            status=booked.status,
            version=booked.version,
            sequence=booked.sequence,
            local_start=booked.local_start,
            local_end=local_of(booked.ends_at, booked.zone),
            starts_at=booked.starts_at,
            ends_at=booked.ends_at,
            zone=booked.zone,
            numbing_at=booked.numbing_at,
            numbing_off_at=booked.numbing_off_at,
            started_at=booked.started_at,
            next_actions=list(actions),
            flags=["new"] if visit.is_first else [],
            note=booked.note,
        )
