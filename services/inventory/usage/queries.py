"""Who got what: a session's lots, a patient's lots, and what does not match."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from chassis.db import Tx
from contracts.inventory import LotLine
from contracts.values import AppointmentId, ItemId, LocationId, LotId, PatientId
from services.inventory.items.model import Item
from services.inventory.stock.model import Lot, LotKnownBy, LotState, Movement
from services.inventory.usage.model import Consumption


@dataclass(frozen=True, slots=True)
class Used:
    """So much of a lot, used in one session."""

    appointment_id: AppointmentId
    patient_id: PatientId
    location_id: LocationId
    at: datetime
    item_id: ItemId
    item_name: str
    unit: str
    lot_id: LotId
    lot_number: str | None
    expires_on: date | None
    state: LotState
    quantity: int
    is_recorded: bool
    """False when nobody wrote the lot down and the first to expire was taken for it."""


async def lines_of(tx: Tx, appointments: Collection[AppointmentId]) -> dict[AppointmentId, tuple[LotLine, ...]]:
    """What these sessions used, corrections counted in."""
    net = -func.sum(Movement.quantity)
    rows = await tx.execute(
        select(Movement.appointment_id, Movement.item_id, Movement.lot_id, Lot.expires_on, net.label("quantity"))
        .join(Lot, Lot.id == Movement.lot_id)
        .where(Movement.appointment_id.in_(sorted(appointments)))
        .group_by(Movement.appointment_id, Movement.item_id, Movement.lot_id, Lot.expires_on)
        .having(net > 0)
        .order_by(Movement.item_id, Movement.lot_id)
    )
    found: dict[AppointmentId, list[LotLine]] = defaultdict(list)
    for row in rows:
        line = LotLine(item_id=row.item_id, lot_id=row.lot_id, expires_on=row.expires_on, quantity=row.quantity)
        found[row.appointment_id].append(line)
    return {appointment: tuple(lines) for appointment, lines in found.items()}


async def all_used(tx: Tx, *conditions: ColumnElement[bool]) -> Sequence[Used]:
    """What was used in sessions, corrections counted in, newest first."""
    found = await tx.execute(_used().where(*conditions))
    return [Used(**row) for row in found.mappings()]


def used_file(*conditions: ColumnElement[bool]) -> "Select[*tuple[Any, ...]]":
    """The same rows for a spreadsheet."""
    return _used().where(*conditions)


def _used() -> "Select[*tuple[Any, ...]]":
    net = -func.sum(Movement.quantity)
    return (
        select(
            Consumption.appointment_id,
            Consumption.patient_id,
            Consumption.location_id,
            Consumption.completed_at.label("at"),
            Movement.item_id,
            Item.name.label("item_name"),
            Item.unit,
            Movement.lot_id,
            Lot.lot_number,
            Lot.expires_on,
            Lot.state,
            net.label("quantity"),
            func.bool_or(Movement.known_by == LotKnownBy.RECORD).label("is_recorded"),
        )
        .select_from(Consumption)
        .join(Movement, Movement.appointment_id == Consumption.appointment_id)
        .join(Lot, Lot.id == Movement.lot_id)
        .join(Item, Item.id == Movement.item_id)
        .group_by(Consumption.appointment_id, Movement.item_id, Item.id, Movement.lot_id, Lot.id)
        .having(net > 0)
        .order_by(Consumption.completed_at.desc(), Consumption.appointment_id, Item.name, Movement.lot_id)
    )
