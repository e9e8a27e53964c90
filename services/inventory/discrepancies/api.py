"""HTTP door to what does not match: look at it, and close what a person has to close."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement

from chassis import text
from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.db import one
from chassis.errors import NotFound
from chassis.fields import Words
from chassis.http import BadCursor, Db, Now, Page, Paged, refuses, router
from contracts.identity import MANAGEMENT
from contracts.values import AppointmentId, BaseUnit, ItemId, LocationId, LotId
from services.inventory.discrepancies import queries
from services.inventory.discrepancies.queries import Seen
from services.inventory.discrepancies.urgency import Urgency, urgency
from services.inventory.usage.model import ClosedAlready, ClosedByReceipt, Discrepancy, DiscrepancyKind
from services.inventory.words import Looking

api = router("/discrepancies", tag="discrepancies")
Answering = Annotated[Scope, require(*MANAGEMENT)]
Note = Annotated[str, Words(text.many_lines, most=2000)]


class DiscrepancyOut(BaseModel):
    """What the books and a session do not agree about."""

    id: UUID
    kind: DiscrepancyKind
    state: Literal["open", "closed"]
    urgency: Urgency = Field(description="Alert from 24 hours on, escalated from 72; none while younger or closed.")
    location_id: LocationId
    appointment_id: AppointmentId
    item_id: ItemId
    item_name: str
    unit: BaseUnit
    lot_id: LotId
    lot_number: str | None
    quantity: int
    open_quantity: int
    used_on: date
    opened_at: datetime
    closed_at: datetime | None
    closing_note: str | None

    @classmethod
    def of(cls, seen: Seen, *, now: datetime) -> "DiscrepancyOut":
        found, item, lot = seen
        return cls(
            id=found.id,
            kind=found.kind,
            state="closed" if found.closed_at else "open",
            urgency=urgency(found, now=now),
            location_id=found.location_id,
            appointment_id=found.appointment_id,
            item_id=item.id,
            item_name=item.name,
            unit=item.unit,
            lot_id=lot.id,
            lot_number=lot.lot_number,
            quantity=found.quantity,
            open_quantity=found.open_quantity,
            used_on=found.used_on,
            opened_at=found.opened_at,
            closed_at=found.closed_at,
            closing_note=found.closing_note,
        )


class Acknowledgement(BaseModel):
    """What was found and done."""

    model_config = ConfigDict(extra="forbid")

    note: Note = Field(examples=["Patient called, no reaction. Rest of the lot thrown away."])


class DiscrepancyFilter(BaseModel):
    """Which discrepancies."""

    location_id: LocationId | None = None
    state: Literal["open", "closed"] | None = None
    kind: DiscrepancyKind | None = None
    sort: Literal["id", "-id"] = Field(default="-id", description="By when they were found.")

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = []
        if self.location_id:
            wanted.append(Discrepancy.location_id == self.location_id)
        if self.kind:
            wanted.append(Discrepancy.kind == self.kind)
        if self.state:
            wanted.append(
                Discrepancy.closed_at.is_(None) if self.state == "open" else Discrepancy.closed_at.is_not(None)
            )
        return wanted


@api.get("", responses=refuses(NotFound, BadCursor))
async def list_discrepancies(
    asked: Annotated[DiscrepancyFilter, Query()], paging: Paged, db: Db, clock: Now, *, scope: Looking
) -> Page[DiscrepancyOut]:
    """What does not match at the caller's locations, newest first."""
    if asked.location_id:
        scope.must_cover(asked.location_id)
    latest_first = asked.sort == "-id"
    wanted = [scope.within(Discrepancy.location_id), *asked.conditions()]
    if after := paging.after(UUID):
        wanted.append(Discrepancy.id < after[0] if latest_first else Discrepancy.id > after[0])
    async with db.reading() as tx:
        found = await queries.discrepancies(tx, *wanted, limit=paging.limit + 1, latest_first=latest_first)
        return paging.page([DiscrepancyOut.of(each, now=clock.now()) for each in found], lambda each: [each.id])


@api.get("/{discrepancy_id}", responses=refuses(NotFound))
async def show_discrepancy(discrepancy_id: UUID, db: Db, clock: Now, scope: Looking) -> DiscrepancyOut:
    """One thing that does not match."""
    async with db.reading() as tx:
        found = await one(tx, Discrepancy, discrepancy_id)
        scope.must_cover(found.location_id, kind="discrepancy", id=discrepancy_id)
        [seen] = await queries.discrepancies(tx, Discrepancy.id == discrepancy_id, limit=1)
        return DiscrepancyOut.of(seen, now=clock.now())


@api.post("/{discrepancy_id}/acknowledge", responses=refuses(NotFound, ClosedByReceipt, ClosedAlready))
async def acknowledge(
    discrepancy_id: UUID, body: Acknowledgement, command: Commanded, scope: Answering
) -> DiscrepancyOut:
    """Close a safety incident with what was found and done (IV-33); shortages close by their delivery."""
    async with command.transaction() as tx:
        found = await one(tx, Discrepancy, discrepancy_id, lock=True)
        scope.must_cover(found.location_id, kind="discrepancy", id=discrepancy_id)
        now = command.context.clock.now()
        found.acknowledge(body.note, by=scope.caller_id, at=now)
        [seen] = await queries.discrepancies(tx, Discrepancy.id == discrepancy_id, limit=1)
        return command.answer(DiscrepancyOut.of(seen, now=now))
