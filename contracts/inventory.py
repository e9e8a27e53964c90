"""What inventory tells: what came in, what was used on whom, and what runs short."""

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.envelope import Fact
from contracts.values import (
    AppointmentId,
    BaseUnit,
    ItemId,
    LocationId,
    LotId,
    PatientId,
    Quantity,
    ReceiptId,
    StockLevelId,
)


class ItemChanged(Fact):
    """A product of the catalogue was added or changed."""

    type: ClassVar[str] = "inventory.item-changed"
    aggregate: ClassVar[str] = "item"
    key: ClassVar[str] = "item_id"

    item_id: ItemId
    code: str
    name: str
    unit: BaseUnit
    active: bool


class LotLine(BaseModel):
    """So much of a lot."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_id: ItemId
    lot_id: LotId
    expires_on: date | None
    """Last day of use at the location (IV-11); None while the lot is provisional (IV-31)."""
    quantity: Quantity


class StockReceived(Fact):
    """A delivery was put on the shelf."""

    type: ClassVar[str] = "inventory.stock-received"
    aggregate: ClassVar[str] = "receipt"
    key: ClassVar[str] = "receipt_id"

    receipt_id: ReceiptId
    location_id: LocationId
    lines: tuple[LotLine, ...]


class StockConsumed(Fact):
    """A session's products were taken from their lots (IV-31: never refused)."""

    type: ClassVar[str] = "inventory.stock-consumed"
    aggregate: ClassVar[str] = "consumption"
    key: ClassVar[str] = "appointment_id"

    appointment_id: AppointmentId
    patient_id: PatientId
    location_id: LocationId
    lines: tuple[LotLine, ...]
    """Empty when the treatment uses no products."""


class StockLevelFact(Fact):
    aggregate: ClassVar[str] = "stock-level"
    key: ClassVar[str] = "stock_level_id"

    stock_level_id: StockLevelId
    item_id: ItemId
    location_id: LocationId
    on_hand: int
    """Base units; below zero while a delivery is not yet recorded (IV-31)."""
    reorder_point: int


class StockLow(StockLevelFact):
    """On hand fell below the reorder point (IV-39)."""

    type: ClassVar[str] = "inventory.stock-low"


class StockShort(StockLevelFact):
    """More was used than the books hold: a discrepancy is open (IV-31)."""

    type: ClassVar[str] = "inventory.stock-short"
