"""What audit tells: the causal timeline, and the sessions that miss something."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from contracts.values import Money
from web.api import Api
from web.clients.shape import Shape

BREAKS_MAX = 500


class Happening(Shape):
    """One fact as the timeline shows it: opaque ids, no words about anybody."""

    message_id: UUID
    type: str
    title: str
    at: datetime
    recorded_at: datetime
    aggregate: str
    aggregate_id: UUID
    correlation_id: UUID
    causation_id: UUID | None = None
    actor: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)


class Break(Shape):
    """A completed session that something should have followed and did not."""

    appointment_id: UUID
    patient_id: UUID | None
    """None until audit has heard whose session it was."""
    completed_at: datetime
    age_seconds: int
    missing: tuple[str, ...]
    state: str
    at_risk: Money | None = None
    healed_at: datetime | None = None


async def timeline(api: Api, **about: UUID) -> tuple[Happening, ...]:
    """Everything that happened to one patient, appointment, package or lot, causes before effects."""
    return await api.get("audit", "/timeline", tuple[Happening, ...], **about)


async def breaks(api: Api, location_id: UUID, state: str) -> tuple[Break, ...]:
    """The oldest breaks of a location, `BREAKS_MAX` at most."""
    return await api.get("audit", "/breaks", tuple[Break, ...], location_id=location_id, state=state, limit=BREAKS_MAX)
