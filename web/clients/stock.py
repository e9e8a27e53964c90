"""What inventory tells: items, what lies where, lots and their ways, deliveries."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.values import BaseUnit
from web.api import Api
from web.clients.shape import Shape


class Pack(Shape):
    """How an item is bought: so many base units."""

    label: str
    quantity: int
    gtin: str | None = None


class Item(Shape):
    id: UUID
    code: str
    name: str
    item_class: str
    unit: BaseUnit
    active: bool = True
    packs: tuple[Pack, ...] = ()


class LotOnShelf(Shape):
    """What lies of one lot at one location; below zero while its delivery is not recorded."""

    lot_id: UUID
    lot_number: str | None
    expires_on: date | None
    expired: bool
    on_hand: int
    state: str


class Level(Shape):
    """What lies of one item at one location, lot by lot."""

    item: Item
    on_hand: int
    reorder_point: int
    low: bool
    lots: tuple[LotOnShelf, ...]

    @property
    def first_expiry(self) -> date | None:
        """When the first of what lies there expires."""
        return min((lot.expires_on for lot in self.lots if lot.expires_on and lot.on_hand > 0), default=None)


class DeliveryLine(Shape):
    item_id: UUID
    item_name: str
    unit: BaseUnit
    lot_id: UUID
    lot_number: str
    expires_on: date
    quantity: int


class Delivery(Shape):
    id: UUID
    location_id: UUID
    supplier: str | None = None
    reference: str | None = None
    received_on: date
    received_at: datetime
    lines: tuple[DeliveryLine, ...]


class Deliveries(Shape):
    """One page of deliveries."""

    items: tuple[Delivery, ...]
    next_cursor: str | None = None


class Lot(Shape):
    id: UUID
    item_id: UUID
    item_code: str
    item_name: str
    unit: BaseUnit
    lot_number: str | None
    expires_on: date | None
    gtin: str | None = None
    state: str


class Used(Shape):
    """So much of a lot, used in one session."""

    appointment_id: UUID
    patient_id: UUID
    location_id: UUID
    at: datetime
    item_id: UUID
    item_name: str
    unit: BaseUnit
    lot_id: UUID
    lot_number: str | None
    expires_on: date | None
    quantity: int
    is_recorded: bool = True
    """False when nobody wrote the lot down: the first to expire was taken for it."""


class Came(Shape):
    """So much of a lot, with one delivery."""

    receipt_id: UUID
    location_id: UUID
    quantity: int
    at: datetime


class Lying(Shape):
    location_id: UUID
    on_hand: int


class Trace(Shape):
    """Where a lot came from, whom it was used on, and where the rest lies (IV-18)."""

    lot: Lot
    received: tuple[Came, ...]
    used_on: tuple[Used, ...]
    on_hand: tuple[Lying, ...]


async def items(api: Api, *, q: str | None = None) -> tuple[Item, ...]:
    """The chain's catalogue, by name."""
    return await api.get("inventory", "/items", tuple[Item, ...], q=q)


async def lots(api: Api, q: str) -> tuple[Lot, ...]:
    """Lots of the chain whose number begins so."""
    return await api.get("inventory", "/lots", tuple[Lot, ...], q=q)


async def levels(api: Api, location_id: UUID) -> tuple[Level, ...]:
    """Everything on the shelf of a location, by name."""
    return await api.get("inventory", "/stock", tuple[Level, ...], location_id=location_id)


async def reorder_at(api: Api, item_id: UUID, location_id: UUID, point: int, *, key: str) -> None:
    """Say below which quantity an item is low at a location."""
    body = {"points": [{"location_id": str(location_id), "reorder_point": point}]}
    await api.put("inventory", f"/items/{item_id}/reorder-points", body, dict[str, Any], key=key)


async def receive(api: Api, body: Mapping[str, Any], *, key: str) -> Delivery:
    return await api.post("inventory", "/receipts", body, Delivery, key=key)


async def deliveries(api: Api, location_id: UUID, *, q: str, sort: str, cursor: str | None, limit: int) -> Deliveries:
    """Deliveries by part of the supplier's name or of the delivery note, in the order in which they were typed in."""
    asked = {"location_id": location_id, "q": q or None, "sort": sort, "cursor": cursor, "limit": limit}
    return await api.get("inventory", "/receipts", Deliveries, **asked)


async def delivery(api: Api, delivery_id: UUID) -> Delivery:
    return await api.get("inventory", f"/receipts/{delivery_id}", Delivery)


async def trace(api: Api, lot_id: UUID) -> Trace:
    return await api.get("inventory", f"/lots/{lot_id}/trace", Trace)


async def lots_of_patient(api: Api, patient_id: UUID) -> tuple[Used, ...]:
    """Every lot that was used on a patient, newest first."""
    return await api.get("inventory", f"/patients/{patient_id}/lots", tuple[Used, ...])
