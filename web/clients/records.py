"""What booking tells of a signed treatment record, and identity of who signed it."""

from datetime import datetime
from uuid import UUID

from web.api import Api
from web.clients.identity import Colleague
from web.clients.shape import Shape


class TreatedArea(Shape):
    """One area as it was treated."""

    area: str
    depth_hundredths_mm: int
    passes: int
    override_reason: str | None = None


class RecordedProduct(Shape):
    """One product as it was written down, in its base unit."""

    item_id: UUID
    lot_id: UUID | None = None
    quantity: int


class TreatmentRecord(Shape):
    """What was done at a visit, as it was signed."""

    device_name: str | None = None
    device_serial: str | None = None
    started_at: datetime
    completed_at: datetime
    areas: tuple[TreatedArea, ...]
    products: tuple[RecordedProduct, ...]
    numbing_on_at: datetime | None = None
    numbing_off_at: datetime | None = None
    reaction_grade: int
    aftercare_given: bool
    notes: str | None = None
    signed_by: str
    signed_at: datetime

    @property
    def signer_id(self) -> UUID | None:
        """The member of staff who signed; None if it was not one."""
        kind, _, id_ = self.signed_by.partition(":")
        return UUID(id_) if kind == "staff" else None


async def record(api: Api, appointment_id: UUID) -> TreatmentRecord:
    return await api.get("booking", f"/appointments/{appointment_id}/record", TreatmentRecord)


async def colleague(api: Api, staff_id: UUID) -> Colleague:
    """What somebody is called who works, or once worked, where this person treats."""
    return await api.get("identity", f"/staff/{staff_id}/name", Colleague)
