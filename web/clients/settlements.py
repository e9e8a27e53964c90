"""What billing tells the day page: how visits are paid for."""

from collections.abc import Sequence
from uuid import UUID

from contracts.values import Money
from web.api import Api
from web.clients.shape import Shape


class Settlement(Shape):
    """How one appointment is, or will be, paid for."""

    appointment_id: UUID
    kind: str
    """`reserved` or `redeemed` from a package, `invoiced`, or `waived`."""
    amount: Money
    due: Money | None = None
    package_id: UUID | None = None
    invoice_id: UUID | None = None

    @property
    def from_package(self) -> bool:
        return self.kind in ("reserved", "redeemed")

    @property
    def is_owed(self) -> bool:
        return self.due is not None and self.due.minor > 0


async def settlements(api: Api, appointment_ids: Sequence[UUID]) -> dict[UUID, Settlement]:
    """How these appointments are paid for; those that billing does not know yet are missing."""
    if not appointment_ids:
        return {}
    ids = ",".join(map(str, appointment_ids))
    found = await api.get("billing", "/appointments/settlements", tuple[Settlement, ...], ids=ids)
    return {each.appointment_id: each for each in found}
