"""The default bill of materials of a treatment: what one session of it uses (IV-04)."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values import ItemId
from services.inventory.record import Record


class BomLine(Record):
    """One item that a treatment uses, and how much."""

    __tablename__ = "bom_line"

    treatment: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[ItemId] = mapped_column(ForeignKey("item.id"), primary_key=True)
    quantity: Mapped[int]
    place: Mapped[int]
    """Its place in the list, as the stock keeper wrote it."""

    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)
