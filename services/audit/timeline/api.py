"""HTTP door of the timeline: what happened to one thing, and whether the record is whole."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

from chassis import http
from chassis.auth import Scope, require
from chassis.errors import Refused
from chassis.http import Db, refuses
from chassis.inline import inline
from chassis.tokens import Caller
from contracts.identity import CLINIC, MONEY, OPERATIONS, STOCK
from contracts.values import AppointmentId, LotId, PackageId, PatientId
from services.audit.timeline import queries
from services.audit.timeline.model import Event
from services.audit.timeline.queries import Ids
from services.audit.timeline.sight import visible_to
from services.audit.timeline.titles import title_of

router = http.router("/timeline", tag="timeline")
chain_router = http.router("/chain", tag="chain")
Reader = Annotated[Scope, require(*CLINIC, *MONEY, *STOCK)]
Operator = Annotated[Scope, require(*OPERATIONS)]


class OneSubject(Refused):
    """A timeline is about exactly one thing: give one of patient_id, appointment_id, package_id and lot_id."""


class Happening(BaseModel):
    """One fact, with what led to it."""

    message_id: UUID
    type: str = Field(examples=["booking.session-completed"])
    title: str = Field(examples=["Session completed"])
    at: datetime
    recorded_at: datetime = Field(description="When audit heard of it.")
    aggregate: str = Field(examples=["appointment"])
    aggregate_id: UUID
    correlation_id: UUID = Field(description="The same for everything that followed from one request.")
    causation_id: UUID | None = Field(description="The fact that led to this one; null if a person or the clock did.")
    actor: str | None = Field(description="Who asked for it.", examples=["staff:0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"])
    details: dict[str, Any]

    @classmethod
    def of(cls, event: Event) -> Self:
        shown = {name: getattr(event, name) for name in cls.model_fields if name != "title"}
        return cls(title=title_of(event.type, event.details), **shown)


class ChainOut(BaseModel):
    """How far the chain was checked; keep the hash elsewhere to prove later that nothing before it was changed."""

    position: int = Field(description="The last row that fits; continue behind it.")
    hash: str
    is_whole: bool
    broken_at: int | None = Field(description="The first row that is missing or was changed.")


class Subject:
    """The one thing a timeline is asked for."""

    def __init__(
        self,
        patient_id: PatientId | None = None,
        appointment_id: AppointmentId | None = None,
        package_id: PackageId | None = None,
        lot_id: LotId | None = None,
    ) -> None:
        asked: list[Ids] = []
        asked += [queries.of_patient(patient_id)] if patient_id else []
        asked += [queries.of_appointment(appointment_id)] if appointment_id else []
        asked += [queries.of_package(package_id)] if package_id else []
        asked += [queries.of_lot(lot_id)] if lot_id else []
        if len(asked) != 1:
            raise OneSubject
        self.ids = asked[0]


@router.get("", responses=refuses(OneSubject))
async def show_timeline(
    request: Request,
    db: Db,
    _: Reader,
    subject: Annotated[Subject, Depends(inline(Subject))],
    limit: Annotated[int, Query(ge=1, le=1000, description="The newest so many.")] = 500,
) -> list[Happening]:
    """What happened, causes before effects; what your role or your locations don't cover is left out."""
    caller: Caller = request.state.caller
    async with db.reading() as tx:
        found = await queries.timeline(tx, subject.ids, visible_to(caller), limit=limit)
        return [Happening.of(event) for event in found]


@chain_router.get("")
async def check_chain(
    db: Db,
    _: Operator,
    after: Annotated[int, Query(ge=0, le=2**62, description="Check the rows behind this one.")] = 0,
    limit: Annotated[int, Query(ge=1, le=20_000)] = 10_000,
) -> ChainOut:
    """Check that no recorded fact was changed or removed, a stretch at a time."""
    async with db.reading() as tx:
        last, broken_at = await queries.check_chain(tx, after=after, limit=limit)
        return ChainOut(position=last.position, hash=last.hash.hex(), is_whole=broken_at is None, broken_at=broken_at)
