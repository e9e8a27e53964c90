"""What inventory tells of what does not match: more used than there was, lots nobody knows, expired ones."""

from datetime import date, datetime
from uuid import UUID

from contracts.values import BaseUnit
from web.api import Api
from web.clients.shape import Shape

EXPIRED_USED = "expired_used"
"""A safety incident: closed by a person with a note, never by a delivery (IV-33)."""


class Discrepancy(Shape):
    """What the books and a session do not agree about."""

    id: UUID
    kind: str
    state: str
    urgency: str = "none"
    location_id: UUID
    appointment_id: UUID
    item_name: str
    unit: BaseUnit
    lot_id: UUID
    lot_number: str | None = None
    quantity: int
    open_quantity: int
    used_on: date
    opened_at: datetime
    closed_at: datetime | None = None
    closing_note: str | None = None

    @property
    def is_incident(self) -> bool:
        return self.kind == EXPIRED_USED

    @property
    def is_open(self) -> bool:
        return self.state == "open"


class Discrepancies(Shape):
    """One page of discrepancies."""

    items: tuple[Discrepancy, ...]
    next_cursor: str | None = None


async def discrepancies(
    api: Api, location_id: UUID, *, cursor: str | None = None, limit: int = 50, **asked: str | None
) -> Discrepancies:
    """What does not match at a location, by `state` and `kind`, in the order of `sort`."""
    return await api.get(
        "inventory", "/discrepancies", Discrepancies, location_id=location_id, cursor=cursor, limit=limit, **asked
    )


async def discrepancy(api: Api, discrepancy_id: UUID) -> Discrepancy:
    """One of them; `ApiProblem` 404 for one that is not there, or not for this person."""
    return await api.get("inventory", f"/discrepancies/{discrepancy_id}", Discrepancy)


async def acknowledge(api: Api, discrepancy_id: UUID, note: str, *, key: str) -> Discrepancy:
    """Close a safety incident with what was found and done (IV-33)."""
    path = f"/discrepancies/{discrepancy_id}/acknowledge"
    return await api.post("inventory", path, {"note": note}, Discrepancy, key=key)
