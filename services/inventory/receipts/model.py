"""A delivery that was put on the shelf."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Refused
from contracts.inventory import LotLine, StockReceived
from contracts.values import LocationId, ReceiptId
from services.inventory.record import Record


class GtinOfAnotherItem(Refused):
    """This GTIN belongs to another item. Scan the box again, or choose that item."""


class TooMuchOfALot(Refused):
    """No clinic receives this much of one lot at once. Check the quantity, and whether it counts packs."""


class ReceivedInTheFuture(Refused):
    """The day of the delivery has not come yet. Give the day on which the goods arrived."""


class Receipt(Record):
    """What came, where and when; its movements say which lots."""

    __tablename__ = "receipt"

    id: Mapped[ReceiptId] = mapped_column(primary_key=True)
    location_id: Mapped[LocationId]
    supplier: Mapped[str | None]
    reference: Mapped[str | None]
    external_id: Mapped[str | None]
    """Its name in the system it was imported from."""
    received_on: Mapped[date]
    received_at: Mapped[datetime]
    version: Mapped[int]

    __table_args__ = (
        UniqueConstraint("external_id"),
        Index("ix_receipt_location_id", "location_id", "id"),
        CheckConstraint("version = 1", name="version"),
    )

    def received(self, lines: tuple[LotLine, ...], *, at: datetime) -> StockReceived:
        return StockReceived(version=self.version, at=at, receipt_id=self.id, location_id=self.location_id, lines=lines)
