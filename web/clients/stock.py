"""What inventory tells: items, what lies where, lots and their ways, deliveries."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.values import BaseUnit
from web.api import Api
from web.clients.shape import Shape


class Pack(Shape):
    """How an item is bought."""

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
    """What lies of one lot at one location."""

    lot_id: UUID
    lot_number: str | None
    expires_on: date | None
    on_hand: int
    state: str


class Level(Shape):
    """What lies of one item at one location, lot by lot."""

    item: Item
    on_hand: int
    reorder_point: int
    low: bool
    lots: tuple[LotOnShelf, ...]


async def items(api: Api) -> tuple[Item, ...]:
    return await api.get("inventory", "/items", tuple[Item, ...])


async def levels(api: Api, location_id: UUID) -> tuple[Level, ...]:
    return await api.get("inventory", "/stock", tuple[Level, ...], location_id=location_id)


async def receive(api: Api, body: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    return await api.post("inventory", "/receipts", body, dict[str, Any], key=key)


class UsedLot(Shape):
    """A lot that was used on a patient."""

    item_id: UUID
    item_name: str
    unit: BaseUnit
    lot_id: UUID
    lot_number: str | None
    expires_on: date | None
    quantity: int
    appointment_id: UUID
    at: datetime


async def lots_of_patient(api: Api, patient_id: UUID) -> tuple[UsedLot, ...]:
    return await api.get("inventory", f"/patients/{patient_id}/lots", tuple[UsedLot, ...])
