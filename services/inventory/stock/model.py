"""Lots, what lies of them where, and the movements that explain it (IV-06..11)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.db import one_of
from chassis.errors import Conflict, Refused
from contracts.inventory import StockLow, StockShort
from contracts.values import AppointmentId, ItemId, LocationId, LotId, StockLevelId
from services.inventory.record import Record
from services.inventory.stock.picking import LotOnHand


class LotExpiresOtherwise(Conflict):
    """This lot is already known with another expiry date. Read the label again: one of the two is wrong."""


class ExpiredOnReceipt(Refused):
    """This lot is expired already. Do not put it on the shelf; return it to the supplier."""


class ExpiryTooFar(Refused):
    """No lot lasts more than ten years. Read the expiry date again (IV-27)."""


class LotState(StrEnum):
    """Whether a lot may be used."""

    USABLE = "usable"
    PROVISIONAL = "provisional"
    """It was used, but nobody has recorded its delivery (IV-31)."""


class MovementType(StrEnum):
    """Why a quantity changed (IV-06)."""

    RECEIPT = "receipt"
    USAGE = "usage"
    REVERSAL = "reversal"


class LotKnownBy(StrEnum):
    """How we know that it was this lot: a recall asks (IV-19)."""

    RECORD = "record"
    """Somebody scanned or chose it."""
    PICK = "pick"
    """Nobody recorded a lot; it was the first to expire on the shelf."""


class Lot(Record):
    """What came from one production run of an item; one lot number, case-sensitive, per item (IV-19)."""

    __tablename__ = "lot"

    id: Mapped[LotId] = mapped_column(primary_key=True)
    item_id: Mapped[ItemId] = mapped_column(Uuid, ForeignKey("item.id"))
    lot_number: Mapped[str | None]
    expires_on: Mapped[date | None]
    gtin: Mapped[str | None]
    state: Mapped[LotState]

    __table_args__ = (
        UniqueConstraint("item_id", "lot_number"),
        one_of("state", LotState),
        CheckConstraint("gtin ~ '^[0-9]{14}$'", name="gtin"),
        CheckConstraint("lot_number = btrim(lot_number) AND lot_number <> ''", name="lot_number"),
        CheckConstraint(
            "(state = 'provisional') = (lot_number IS NULL) AND (lot_number IS NULL) = (expires_on IS NULL)",
            name="labelled",
        ),
    )

    def must_expire_on(self, expires_on: date) -> None:
        """Refuse a label that contradicts what we know of this lot."""
        if self.expires_on != expires_on:
            raise LotExpiresOtherwise(
                lot_id=str(self.id),
                lot_number=self.lot_number,
                known=self.expires_on and self.expires_on.isoformat(),
                told=expires_on.isoformat(),
            )


class StockLevel(Record):
    """How much of an item lies at a location, in base units; its lock guards all its lots there."""

    __tablename__ = "stock_level"

    id: Mapped[StockLevelId] = mapped_column(primary_key=True)
    item_id: Mapped[ItemId] = mapped_column(Uuid, ForeignKey("item.id"))
    location_id: Mapped[LocationId]
    on_hand: Mapped[int]
    reorder_point: Mapped[int]
    version: Mapped[int]

    __table_args__ = (
        UniqueConstraint("location_id", "item_id"),
        Index("ix_stock_level_item_id", "item_id"),
        CheckConstraint("reorder_point >= 0", name="reorder_point"),
    )

    @property
    def is_low(self) -> bool:
        return self.on_hand < self.reorder_point

    def change(self, by: int, *, at: datetime) -> StockLow | None:
        """Count what came or went; the fall below the reorder point is told once (IV-39)."""
        was_low, self.on_hand = self.is_low, self.on_hand + by
        return self._low(at) if self.is_low and not was_low else None

    def reorder_at(self, point: int, *, at: datetime) -> StockLow | None:
        """Set the reorder point; told when what is there is now too little."""
        was_low, self.reorder_point = self.is_low, point
        return self._low(at) if self.is_low and not was_low else None

    def fall_short(self, *, at: datetime) -> StockShort:
        """More was used than the books hold (IV-31)."""
        self.version += 1
        return StockShort(
            version=self.version,
            at=at,
            stock_level_id=self.id,
            item_id=self.item_id,
            location_id=self.location_id,
            on_hand=self.on_hand,
            reorder_point=self.reorder_point,
        )

    def _low(self, at: datetime) -> StockLow:
        self.version += 1
        return StockLow(
            version=self.version,
            at=at,
            stock_level_id=self.id,
            item_id=self.item_id,
            location_id=self.location_id,
            on_hand=self.on_hand,
            reorder_point=self.reorder_point,
        )


class LotLevel(Record):
    """How much of a lot lies at a location; below zero while a delivery is not yet recorded (IV-31)."""

    __tablename__ = "lot_level"

    lot_id: Mapped[LotId] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    location_id: Mapped[LocationId] = mapped_column(primary_key=True)
    item_id: Mapped[ItemId]
    on_hand: Mapped[int]
    received_at: Mapped[datetime | None]
    """When the lot first came to this location."""
    lot: Mapped[Lot] = relationship(lazy="raise")

    __table_args__ = (Index("ix_lot_level_on_hand", "location_id", "item_id", postgresql_where=text("on_hand <> 0")),)

    @property
    def to_pick(self) -> tuple[LotOnHand, ...]:
        """The lot as picking sees it; nothing for one without a label or a delivery here."""
        lot = self.lot
        if lot.lot_number is None or lot.expires_on is None or self.received_at is None:
            return ()
        return (LotOnHand(self.lot_id, lot.lot_number, lot.expires_on, self.received_at, self.on_hand),)


@dataclass(frozen=True, slots=True)
class Move:
    """A movement that is to be recorded."""

    id: UUID
    type: MovementType
    item_id: ItemId
    lot_id: LotId
    location_id: LocationId
    quantity: int
    occurred_at: datetime
    source_id: UUID
    known_by: LotKnownBy
    appointment_id: AppointmentId | None = None
    reverses_id: UUID | None = None


class Movement(Record):
    """One change of a quantity; never altered, a correction is a movement of its own (IV-06)."""

    __tablename__ = "movement"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[MovementType]
    item_id: Mapped[ItemId] = mapped_column(Uuid, ForeignKey("item.id"))
    lot_id: Mapped[LotId] = mapped_column(ForeignKey("lot.id"))
    location_id: Mapped[LocationId]
    quantity: Mapped[int]
    """Base units; what comes is above zero, what goes below."""
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    source_id: Mapped[UUID]
    """The receipt or the session that moved it; the same source never moves the same lot twice (IV-09)."""
    appointment_id: Mapped[AppointmentId | None] = mapped_column(Uuid, ForeignKey("consumption.appointment_id"))
    """The session it was used in."""
    known_by: Mapped[LotKnownBy]
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("movement.id"))
    lot: Mapped[Lot] = relationship(lazy="raise", viewonly=True)

    __table_args__ = (
        UniqueConstraint(
            "source_id",
            "item_id",
            "lot_id",
            "type",
            "appointment_id",
            name="uq_movement_source",
            postgresql_nulls_not_distinct=True,
        ),
        one_of("type", MovementType),
        one_of("known_by", LotKnownBy),
        CheckConstraint(
            "CASE type WHEN 'receipt' THEN quantity > 0 WHEN 'usage' THEN quantity < 0 ELSE quantity <> 0 END",
            name="quantity",
        ),
        CheckConstraint("(type = 'reversal') = (reverses_id IS NOT NULL)", name="reverses_id"),
        CheckConstraint("type <> 'usage' OR appointment_id IS NOT NULL", name="appointment_id"),
        Index("ix_movement_lot_id", "lot_id"),
        Index("ix_movement_appointment_id", "appointment_id", postgresql_where=text("appointment_id IS NOT NULL")),
    )
