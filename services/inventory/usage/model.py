"""What a session used (CP-17), and the discrepancies that using it left in the books (IV-31, IV-33)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.db import one_of
from chassis.errors import Conflict
from contracts.booking import SessionCompleted
from contracts.inventory import LotLine, StockConsumed
from contracts.values import AppointmentId, ItemId, LocationId, LotId, PatientId
from services.inventory.record import Record
from services.inventory.stock.model import Move, Movement


class ClosedByReceipt(Conflict):
    """This discrepancy closes by itself when the missing delivery is received. Receive it, with its true day."""


class ClosedAlready(Conflict):
    """Somebody has closed this discrepancy."""


class LinesFrom(StrEnum):
    """Where the lines of a consumption come from."""

    RECORD = "record"
    """The practitioner wrote down what was used."""
    BOM = "bom"
    """Nothing was written down: the treatment's default bill of materials (IV-04)."""


class Consumption(Record):
    """A session's one consumption; its movements say which lots."""

    __tablename__ = "consumption"

    appointment_id: Mapped[AppointmentId] = mapped_column(primary_key=True)
    patient_id: Mapped[PatientId]
    location_id: Mapped[LocationId]
    treatment: Mapped[str]
    performed_on: Mapped[date]
    completed_at: Mapped[datetime]
    lines_from: Mapped[LinesFrom]
    version: Mapped[int]

    __table_args__ = (
        one_of("lines_from", LinesFrom),
        Index("ix_consumption_patient_id", "patient_id"),
    )

    def corrected(self, lines: tuple[LotLine, ...], *, at: datetime) -> StockConsumed:
        """A delivery recorded late says which lots it was; the whole consumption is told anew."""
        self.version += 1
        return StockConsumed(
            version=self.version,
            at=at,
            appointment_id=self.appointment_id,
            patient_id=self.patient_id,
            location_id=self.location_id,
            lines=lines,
        )


def consumed(session: SessionCompleted, lines: tuple[LotLine, ...]) -> StockConsumed:
    """The first and mostly only fact of a consumption."""
    return StockConsumed(
        version=1,
        at=session.at,
        appointment_id=session.appointment_id,
        patient_id=session.patient_id,
        location_id=session.location_id,
        lines=lines,
    )


class DiscrepancyKind(StrEnum):
    """How the books and what was done differ."""

    SHORT = "short"
    """More was used than there was (IV-31)."""
    UNKNOWN_LOT = "unknown_lot"
    """The lot written down is in no delivery (IV-31)."""
    EXPIRED_USED = "expired_used"
    """The lot had expired on the day of the session: a safety incident (IV-33)."""

    @property
    def closes_by_receipt(self) -> bool:
        return self is not DiscrepancyKind.EXPIRED_USED


class Discrepancy(Record):
    """Something that does not match and that somebody has to look at, until it is closed."""

    __tablename__ = "discrepancy"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[DiscrepancyKind]
    location_id: Mapped[LocationId]
    item_id: Mapped[ItemId] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[LotId] = mapped_column(ForeignKey("lot.id"))
    appointment_id: Mapped[AppointmentId] = mapped_column(ForeignKey("consumption.appointment_id"))
    movement_id: Mapped[UUID] = mapped_column(ForeignKey("movement.id"))
    quantity: Mapped[int]
    open_quantity: Mapped[int]
    used_on: Mapped[date]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    """The receipt, or the member of staff, that closed it."""
    closing_note: Mapped[str | None]
    usage: Mapped[Movement] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("movement_id", "kind"),
        one_of("kind", DiscrepancyKind),
        CheckConstraint("quantity > 0 AND open_quantity BETWEEN 0 AND quantity", name="quantity"),
        CheckConstraint("(open_quantity = 0) = (closed_at IS NOT NULL)", name="closed_at"),
        Index("ix_discrepancy_open", "location_id", "item_id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_discrepancy_location_id", "location_id", "id"),
    )

    @classmethod
    def open(cls, id: UUID, kind: DiscrepancyKind, usage: Move, *, quantity: int, used_on: date) -> Self:  # noqa: A002
        """A usage does not match the books by this quantity."""
        return cls(
            id=id,
            kind=kind,
            location_id=usage.location_id,
            item_id=usage.item_id,
            lot_id=usage.lot_id,
            appointment_id=usage.appointment_id,
            movement_id=usage.id,
            quantity=quantity,
            open_quantity=quantity,
            used_on=used_on,
            opened_at=usage.occurred_at,
            closed_at=None,
            closed_by=None,
            closing_note=None,
        )

    def cover(self, quantity: int, *, by: UUID, at: datetime) -> None:
        """So much of it is explained by a delivery; the last of it closes it."""
        self.open_quantity -= quantity
        if self.open_quantity == 0:
            self.closed_at, self.closed_by = at, by

    def acknowledge(self, note: str, *, by: UUID, at: datetime) -> None:
        """Somebody looked into a safety incident and says what was done (IV-33)."""
        if self.kind.closes_by_receipt:
            raise ClosedByReceipt(id=str(self.id), kind=self.kind)
        if self.closed_at is not None:
            raise ClosedAlready(id=str(self.id), closed_at=self.closed_at.isoformat())
        self.open_quantity, self.closed_at, self.closed_by, self.closing_note = 0, at, by, note
