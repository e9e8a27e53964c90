"""HTTP door to the treatments on offer."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, true

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.errors import NotFound
from chassis.fields import AsNumber, Line, Written, YesNo
from chassis.http import Db, refuses, router
from contracts.identity import EVERYBODY, MANAGEMENT
from contracts.values import Modality
from services.booking.catalogue import usecases
from services.booking.catalogue.model import OfferChanged, Treatment
from services.booking.places.model import CodeTaken
from services.booking.schedule.segments import MinutesNotAllowed, Plan, SegmentKind
from services.booking.words import Code, Version

api = router("/treatments", tag="treatments")
Anyone = Annotated[Scope, require(*EVERYBODY)]
Manager = Annotated[Scope, require(*MANAGEMENT)]
Minutes = Annotated[int, Field(ge=0, le=90, multiple_of=5), AsNumber]


Colour = Annotated[str, Written("#[0-9a-f]{6}", "write a colour as #6b7fa3"), Field(examples=["#6b7fa3"])]


class PlanIn(BaseModel):
    """Minutes of each part of a visit, in the order in which they follow each other."""

    model_config = ConfigDict(extra="forbid")

    checkin: Minutes = 5
    numbing: Minutes = Field(default=0, description="0, or 15 to 60.", examples=[30])
    procedure: Minutes = Field(description="15 to 90.", examples=[30])
    aftercare: Minutes = 10
    cleaning: Minutes = Field(default=15, description="Of the room, after the patient has left.")
    numbing_elsewhere: YesNo = Field(default=True, description="In a bay: practitioner and room are free meanwhile.")
    uses_device: YesNo = True
    device_turnaround: Minutes = 5


class TreatmentIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Code = Field(examples=["pen-face"])
    name: Line = Field(examples=["Microneedling, face"])
    modality: Modality
    colour: Colour = "#6b7fa3"
    plan: PlanIn


class OfferIn(BaseModel):
    """Code and modality stay as they are."""

    model_config = ConfigDict(extra="forbid")

    version: Version = Field(description="The one that you looked at.")
    name: Line = Field(examples=["Microneedling, face"])
    colour: Colour
    plan: PlanIn
    active: YesNo = Field(default=True, description="False: it can no longer be booked. Visits that are booked stay.")


class SegmentOut(BaseModel):
    kind: SegmentKind
    minutes: int
    elsewhere: bool
    """Not in the treatment room."""


class TreatmentOut(BaseModel):
    id: UUID
    version: int
    code: str
    name: str
    modality: Modality
    duration_minutes: int
    """As long as the patient is there; cleaning is not included."""
    segments: list[SegmentOut]
    uses_device: bool
    device_turnaround_minutes: int
    colour: str
    active: bool

    @classmethod
    def of(cls, treatment: Treatment) -> Self:
        plan = treatment.segments
        return cls(
            id=treatment.id,
            version=treatment.version,
            code=treatment.code,
            name=treatment.name,
            modality=treatment.modality,
            duration_minutes=plan.patient_minutes,
            segments=[
                SegmentOut(kind=kind, minutes=minutes, elsewhere=kind is SegmentKind.NUMBING and plan.numbing_elsewhere)
                for kind, minutes in plan.segments()
            ],
            uses_device=plan.uses_device,
            device_turnaround_minutes=plan.device_turnaround,
            colour=treatment.colour,
            active=treatment.active,
        )


@api.get("")
async def treatments(
    db: Db,
    _: Anyone,
    withdrawn: Annotated[bool, Query(description="Also those that were taken off the offer.")] = False,
) -> list[TreatmentOut]:
    """What is on offer, chain-wide."""
    async with db.reading() as tx:
        offered = true() if withdrawn else Treatment.active
        found = await tx.scalars(select(Treatment).where(offered).order_by(Treatment.name))
        return [TreatmentOut.of(each) for each in found]


@api.post("", status_code=201, responses=refuses(CodeTaken, MinutesNotAllowed))
async def add(body: TreatmentIn, command: Commanded, _: Manager) -> TreatmentOut:
    """Put a treatment on offer."""
    async with command.transaction() as tx:
        new = usecases.NewTreatment(
            code=body.code,
            name=body.name,
            modality=body.modality,
            colour=body.colour,
            plan=Plan(**body.plan.model_dump()),
        )
        treatment = await usecases.add_treatment(tx, new, at=command.context.clock.now())
        return command.answer(TreatmentOut.of(treatment), status=201)


@api.put("/{treatment_id}", responses=refuses(OfferChanged, MinutesNotAllowed, NotFound))
async def change(treatment_id: UUID, body: OfferIn, command: Commanded, _: Manager) -> TreatmentOut:
    """Change a treatment for visits to come, take it off the offer or put it back, as of the version you looked at."""
    async with command.transaction() as tx:
        to = usecases.ChangedOffer(
            name=body.name, colour=body.colour, plan=Plan(**body.plan.model_dump()), active=body.active
        )
        now = command.context.clock.now()
        treatment = await usecases.change_treatment(tx, treatment_id, to, seen=body.version, at=now)
        return command.answer(TreatmentOut.of(treatment))
