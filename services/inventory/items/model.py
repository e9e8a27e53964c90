"""Items of the catalogue and the packs they come in (IV-01, IV-02)."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.db import one_of
from chassis.errors import Conflict, NotFound, Refused
from contracts.inventory import ItemChanged
from contracts.values import BaseUnit, ItemId
from services.inventory.record import Record


class CodeTaken(Conflict):
    """Another item has this code. Choose a different one, or change that item."""


class ItemRevised(Conflict):
    """Somebody else changed this item meanwhile. Look at it as it is now, then make your change again.

    `version` is the one there is.
    """


class GtinTaken(Conflict):
    """Another pack has this GTIN. A GTIN stands for exactly one pack of one item."""


class CountedInPieces(Refused):
    """An item for single use is counted in pieces: its unit must be `each` (IV-03)."""


class UnknownItem(NotFound):
    """There is no such item. Add it to the catalogue first."""


class UnknownPack(Refused):
    """This item does not come in such a pack. Give the quantity in base units, or add the pack to the item."""


class ItemClass(StrEnum):
    """What kind of thing an item is (IV-01)."""

    CARTRIDGE = "cartridge"
    ROLLER = "roller"
    RF_TIP = "rf_tip"
    SHEATH = "sheath"
    SERUM = "serum"
    NUMBING = "numbing"
    PRP_KIT = "prp_kit"
    CONSUMABLE = "consumable"
    RETAIL = "retail"

    @property
    def is_single_use(self) -> bool:
        """One unit goes into one treatment and is never used again (IV-03)."""
        return self in {ItemClass.CARTRIDGE, ItemClass.ROLLER, ItemClass.RF_TIP, ItemClass.PRP_KIT}


class Pack(Record):
    """How an item is bought: exactly so many base units, under one GTIN (IV-02)."""

    __tablename__ = "pack"

    item_id: Mapped[ItemId] = mapped_column(ForeignKey("item.id"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    gtin: Mapped[str | None]
    """GTIN-14, with its leading zeros."""

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("gtin ~ '^[0-9]{14}$'", name="gtin"),
        UniqueConstraint("gtin"),
    )


class Item(Record):
    """A product of the catalogue, the same at every location."""

    __tablename__ = "item"

    id: Mapped[ItemId] = mapped_column(primary_key=True)
    version: Mapped[int]
    code: Mapped[str]
    name: Mapped[str]
    item_class: Mapped[ItemClass]
    unit: Mapped[BaseUnit]
    active: Mapped[bool]
    packs: Mapped[list[Pack]] = relationship(order_by=Pack.quantity, lazy="raise", cascade="all, delete-orphan")

    __table_args__ = (
        UniqueConstraint("code"),
        one_of("item_class", ItemClass),
        one_of("unit", BaseUnit),
        CheckConstraint(
            "unit = 'each' OR item_class NOT IN ('cartridge', 'roller', 'rf_tip', 'prp_kit')",
            name="single_use",
        ),
    )

    @classmethod
    def unknown(cls, item_id: ItemId) -> Self:
        """Stands for an item that a session used and nobody catalogued: what was used is a fact (IV-31)."""
        return cls(
            id=item_id,
            version=0,
            code=f"unknown-{item_id}",
            name="Unknown item",
            item_class=ItemClass.CONSUMABLE,
            unit=BaseUnit.EACH,
            active=False,
            packs=[],
        )

    def added(self, *, at: datetime) -> ItemChanged:
        """The catalogue has one more item."""
        if self.item_class.is_single_use and self.unit is not BaseUnit.EACH:
            raise CountedInPieces(item_class=self.item_class, unit=self.unit)
        return self._changed(at)

    def revise(self, *, name: str, active: bool, at: datetime) -> ItemChanged:
        """Another name, or no longer in use; class and unit stay, for movements count in them."""
        self.name, self.active = name, active
        return self._changed(at)

    def in_base_units(self, quantity: int, pack: str | None) -> int:
        """So many packs in base units; without a pack the quantity is in base units already (IV-02)."""
        if pack is None:
            return quantity
        for each in self.packs:
            if each.label == pack:
                return quantity * each.quantity
        raise UnknownPack(item_id=str(self.id), pack=pack)

    def _changed(self, at: datetime) -> ItemChanged:
        self.version += 1
        return ItemChanged(
            version=self.version,
            at=at,
            item_id=self.id,
            code=self.code,
            name=self.name,
            unit=self.unit,
            active=self.active,
        )
