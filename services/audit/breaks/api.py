"""HTTP door of breaks: completed sessions that miss their money, stock, aftercare or recall."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from chassis import http
from chassis.auth import Scope, require
from chassis.http import Db, Now
from chassis.inline import inline
from contracts.identity import MONEY, OPERATIONS
from contracts.values import AppointmentId, LocationId, Money, PatientId
from services.audit.breaks import queries
from services.audit.breaks.model import BreakState, Effect, Watch

router = http.router("/breaks", tag="breaks")
Reader = Annotated[Scope, require(*MONEY, *OPERATIONS)]


class BreakOut(BaseModel):
    """A session that was not followed by all that must follow. It heals by replay, never by hand."""

    appointment_id: AppointmentId
    patient_id: PatientId
    location_id: LocationId
    completed_at: datetime
    age_seconds: int = Field(description="How long it is, or was, incomplete.", examples=[312])
    missing: list[Effect]
    state: BreakState
    at_risk: Money | None = Field(description="The list price, while its money is missing and the price is known.")
    healed_at: datetime | None

    @classmethod
    def of(cls, watch: Watch, price: dict[str, Any] | None, *, now: datetime) -> Self:
        until = watch.healed_at or now
        since = watch.completed_at or until
        at_risk = price if Effect.MONEY in watch.missing else None
        shown = {name: getattr(watch, name) for name in ("patient_id", "location_id", "missing", "state", "healed_at")}
        age = int((until - since).total_seconds())
        return cls.model_validate(
            {"appointment_id": watch.id, "completed_at": since, "age_seconds": age, "at_risk": at_risk, **shown}
        )


class Asked:
    """Which breaks are meant; nothing given is no condition."""

    def __init__(
        self,
        location_id: LocationId | None = None,
        state: BreakState | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
    ) -> None:
        self.limit = limit
        self.conditions = [Watch.location_id == location_id] if location_id else []
        if state is not None:
            is_open = Watch.healed_at.is_(None)
            self.conditions.append(is_open if state is BreakState.OPEN else ~is_open)


@router.get("")
async def list_breaks(
    db: Db, clock: Now, scope: Reader, asked: Annotated[Asked, Depends(inline(Asked))]
) -> list[BreakOut]:
    """Breaks of your locations: the open ones first, the oldest of them on top."""
    mine = scope.within(Watch.location_id)
    async with db.reading() as tx:
        found = await queries.oldest(tx, mine, *asked.conditions, limit=asked.limit)
        return [BreakOut.of(watch, price, now=clock.now()) for watch, price in found]
