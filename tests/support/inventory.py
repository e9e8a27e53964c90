"""Builders for inventory: facts as booking tells them, a house with inventory in it, its shelves seen from outside."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from chassis.clock import new_id
from chassis.message import Message
from contracts.booking import AppointmentStatus, SessionCompleted
from contracts.envelope import Envelope, Fact
from contracts.values import (
    AppointmentId,
    BaseUnit,
    ConsumptionLine,
    ItemId,
    LotId,
    Modality,
    PatientId,
    PractitionerId,
    RoomId,
)
from services.inventory.app import build
from services.inventory.boms.usecases import Material, set_bom
from services.inventory.items.model import ItemClass
from services.inventory.items.usecases import NewItem, add_item
from services.inventory.receipts.usecases import Delivery, DeliveryLine, receive
from services.inventory.settings import InventorySettings
from services.inventory.stock.model import Lot, LotLevel, Movement, StockLevel
from services.inventory.stock.usecases import set_reorder_points
from services.inventory.usage.model import Discrepancy
from tests.support.chain import Clinic
from tests.support.house import NOON, House, plan

INVENTORY = plan(build, InventorySettings)
PEN = "pen-face"
TODAY = date(2026, 11, 23)
NEXT_YEAR = date(2027, 11, 23)


def a_session(clinic: Clinic, *lines: ConsumptionLine, **how: Any) -> SessionCompleted:
    """A completed appointment; without lines nobody wrote down what was used."""
    done: datetime = how.get("at", NOON)
    return SessionCompleted(
        appointment_id=how.get("id") or AppointmentId(new_id()),
        version=6,
        at=done,
        patient_id=how.get("patient_id") or PatientId(new_id()),
        location_id=clinic.id,
        legal_entity_id=clinic.entity,
        treatment=how.get("treatment", PEN),
        modality=how.get("modality", Modality.PEN),
        practitioner_id=PractitionerId(clinic.id),
        room_id=RoomId(clinic.id),
        status=AppointmentStatus.COMPLETED,
        sequence=0,
        starts_at=done - timedelta(minutes=60),
        ends_at=done,
        local_start=(done - timedelta(minutes=60)).astimezone(ZoneInfo(clinic.zone)).replace(tzinfo=None),
        zone=clinic.zone,
        started_at=done - timedelta(minutes=30),
        completed_at=done,
        performed_on=done.astimezone(ZoneInfo(clinic.zone)).date(),
        consumption=lines,
        second_cartridge=how.get("second_cartridge", False),
    )


def message(fact: Fact) -> Message:
    """The fact as it comes off the bus; the same fact is the same message, however often it is made."""
    named = f"{fact.type} {fact.aggregate_id} {fact.version}".encode()
    message_id = UUID(hashlib.md5(named, usedforsecurity=False).hexdigest())
    return Message(_envelope(fact, message_id), fact.model_dump(mode="json"))


def message_again(fact: Fact) -> Message:
    """The same fact under a message id that no inbox has seen."""
    return Message(_envelope(fact, new_id()), fact.model_dump(mode="json"))


def _envelope(fact: Fact, message_id: UUID) -> Envelope:
    return Envelope(
        id=message_id,
        type=fact.type,
        source="/needlepoint/booking",
        subject=f"{fact.aggregate}/{fact.aggregate_id}",
        time=fact.at,
        aggregate=fact.aggregate,
        aggregateid=fact.aggregate_id,
        aggregateversion=fact.version,
        correlationid=message_id,
    )


class Inventory:
    """The inventory service of a house, spoken to from all its doors."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.running = house.running["inventory"]
        self.db = self.running.context.db

    async def hears(self, *facts: Fact) -> None:
        """All in one batch."""
        await self.running.consumer.handle([message(fact) for fact in facts])

    async def has_item(
        self, code: str = "cart-12", *, item_class: ItemClass = ItemClass.CARTRIDGE, unit: BaseUnit = BaseUnit.EACH
    ) -> ItemId:
        async with self.db.transaction() as tx:
            item = await add_item(tx, NewItem(code, code.title(), item_class, unit), at=NOON)
            return item.id

    async def uses(self, materials: dict[ItemId, int], *, treatment: str = PEN) -> None:
        async with self.db.transaction() as tx:
            await set_bom(tx, treatment, [Material(item_id, quantity) for item_id, quantity in materials.items()])

    async def receives(self, clinic: Clinic, item_id: ItemId, quantity: int, **how: Any) -> LotId:
        """One lot; `lot`, `expires_on`, `received_on` and `at` as told."""
        line = DeliveryLine(item_id, how.get("lot", "A1"), how.get("expires_on", NEXT_YEAR), quantity)
        delivery = Delivery(clinic.id, [line], received_on=how.get("received_on"))
        async with self.db.transaction() as tx:
            await receive(tx, delivery, at=how.get("at", NOON))
            return await self._lot_id(tx, line)

    async def _lot_id(self, tx: Any, line: DeliveryLine) -> LotId:
        found = await tx.scalar(select(Lot.id).where(Lot.item_id == line.item_id, Lot.lot_number == line.lot_number))
        return LotId(found)

    async def reorders(self, clinic: Clinic, item_id: ItemId, point: int) -> None:
        async with self.db.transaction() as tx:
            await set_reorder_points(tx, item_id, {clinic.id: point}, at=NOON)

    async def on_hand(self, clinic: Clinic, item_id: ItemId) -> int:
        async with self.db.reading() as tx:
            of_it = (StockLevel.location_id == clinic.id, StockLevel.item_id == item_id)
            return await tx.scalar(select(StockLevel.on_hand).where(*of_it)) or 0

    async def lots(self, clinic: Clinic, item_id: ItemId) -> dict[str, int]:
        """What lies of each lot; `?` for lots that nobody knows."""
        async with self.db.reading() as tx:
            rows = await tx.execute(
                select(Lot.lot_number, func.sum(LotLevel.on_hand))
                .join(Lot, Lot.id == LotLevel.lot_id)
                .where(LotLevel.location_id == clinic.id, LotLevel.item_id == item_id, LotLevel.on_hand != 0)
                .group_by(Lot.lot_number)
            )
            return {number or "?": int(on_hand) for number, on_hand in rows}

    async def discrepancies(self, *, is_open: bool = True) -> list[tuple[str, int]]:
        async with self.db.reading() as tx:
            state = Discrepancy.closed_at.is_(None) if is_open else Discrepancy.closed_at.is_not(None)
            found = await tx.scalars(select(Discrepancy).where(state).order_by(Discrepancy.id))
            return [(each.kind.value, each.open_quantity or each.quantity) for each in found]

    async def told(self, type_: str) -> list[dict[str, Any]]:
        """Facts of one kind, once the relay has run."""
        await self.house.settle()
        return self.house.facts(f"inventory.{type_}")

    async def books(self) -> list[tuple[Any, ...]]:
        """Everything that counts, in an order of its own: to compare two histories."""
        async with self.db.reading() as tx:
            moved = await tx.execute(
                select(Movement.type, Movement.source_id, Movement.item_id, Movement.lot_id, Movement.quantity)
            )
            levels = await tx.execute(select(StockLevel.item_id, StockLevel.location_id, StockLevel.on_hand))
            gaps = await tx.execute(select(Discrepancy.kind, Discrepancy.appointment_id, Discrepancy.open_quantity))
            return sorted([tuple(map(str, row)) for rows in (moved, levels, gaps) for row in rows])

    async def mismatches(self) -> list[tuple[Any, ...]]:
        """Levels that are not the sum of their movements (I12), and shortages that levels do not show."""
        async with self.db.reading() as tx:
            by_lot = await tx.execute(_wrong_lot_levels())
            by_item = await tx.execute(_wrong_levels())
            return [tuple(row) for rows in (by_lot, by_item) for row in rows]


def _wrong_lot_levels() -> Any:
    moved = (
        select(Movement.lot_id, Movement.location_id, func.sum(Movement.quantity).label("moved"))
        .group_by(Movement.lot_id, Movement.location_id)
        .subquery()
    )
    short = (
        select(Discrepancy.lot_id, Discrepancy.location_id, func.sum(Discrepancy.open_quantity).label("short"))
        .where(Discrepancy.kind != "expired_used")
        .group_by(Discrepancy.lot_id, Discrepancy.location_id)
        .subquery()
    )
    return (
        select(LotLevel.lot_id, LotLevel.on_hand, moved.c.moved, short.c.short)
        .outerjoin(moved, (moved.c.lot_id == LotLevel.lot_id) & (moved.c.location_id == LotLevel.location_id))
        .outerjoin(short, (short.c.lot_id == LotLevel.lot_id) & (short.c.location_id == LotLevel.location_id))
        .where(
            (LotLevel.on_hand != func.coalesce(moved.c.moved, 0))
            | (func.greatest(-LotLevel.on_hand, 0) != func.coalesce(short.c.short, 0))
        )
    )


def _wrong_levels() -> Any:
    moved = (
        select(Movement.item_id, Movement.location_id, func.sum(Movement.quantity).label("moved"))
        .group_by(Movement.item_id, Movement.location_id)
        .subquery()
    )
    return (
        select(StockLevel.item_id, StockLevel.on_hand, moved.c.moved)
        .outerjoin(moved, (moved.c.item_id == StockLevel.item_id) & (moved.c.location_id == StockLevel.location_id))
        .where(StockLevel.on_hand != func.coalesce(moved.c.moved, 0))
    )


def shuffled(facts: Sequence[Fact], order: Iterable[int]) -> list[Fact]:
    return [facts[place] for place in order]
