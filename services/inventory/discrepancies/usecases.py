"""Closing discrepancies: a delivery recorded late explains a shortage, a person explains an incident."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from chassis.clock import new_id
from chassis.db import Tx, lock_sorted
from chassis.outbox import emit
from contracts.values import AppointmentId, LocationId, LotId
from services.inventory.discrepancies.covering import Come, Cover, Gap, cover
from services.inventory.stock.model import LotKnownBy, LotState, Move, Movement, MovementType
from services.inventory.stock.usecases import Shelf, record
from services.inventory.usage.model import Consumption, Discrepancy, DiscrepancyKind
from services.inventory.usage.queries import lines_of

BY_RECEIPT = [kind for kind in DiscrepancyKind if kind.closes_by_receipt]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A delivery, as far as it can explain what was used."""

    source_id: UUID
    location_id: LocationId
    come: Sequence[Come]
    arrived_on: date
    at: datetime


async def close_gaps(tx: Tx, shelf: Shelf, delivery: Explanation) -> None:
    """Close the shortages that a delivery explains; what was used from an unknown lot moves to the one that came.

    The stock levels are held, so nobody opens or closes a gap of these items here meanwhile.
    """
    gaps = await _open_gaps(tx, delivery)
    covers = cover([_gap(each) for each in gaps.values()], delivery.come, arrived_on=delivery.arrived_on)
    for each in covers:
        gaps[each.gap.id].cover(each.quantity, by=delivery.source_id, at=delivery.at)
    moved = [each for each in covers if each.gap.is_provisional]
    if moved:
        await _move(tx, shelf, delivery, [(gaps[each.gap.id], each) for each in moved])
        await _tell_anew(tx, {gaps[each.gap.id].appointment_id for each in moved}, at=delivery.at)


async def _open_gaps(tx: Tx, delivery: Explanation) -> dict[UUID, Discrepancy]:
    wanted = (
        select(Discrepancy)
        .where(
            Discrepancy.location_id == delivery.location_id,
            Discrepancy.item_id.in_(sorted({each.item_id for each in delivery.come})),
            Discrepancy.closed_at.is_(None),
            Discrepancy.kind.in_(BY_RECEIPT),
        )
        .order_by(Discrepancy.opened_at, Discrepancy.id)
        .options(joinedload(Discrepancy.usage).joinedload(Movement.lot))
        .execution_options(populate_existing=True)
    )
    return {each.id: each for each in await tx.scalars(wanted)}


def _gap(discrepancy: Discrepancy) -> Gap:
    return Gap(
        id=discrepancy.id,
        item_id=discrepancy.item_id,
        lot_id=discrepancy.lot_id,
        is_provisional=discrepancy.usage.lot.state is LotState.PROVISIONAL,
        quantity=discrepancy.open_quantity,
        used_on=discrepancy.used_on,
    )


async def _move(tx: Tx, shelf: Shelf, delivery: Explanation, moved: Iterable[tuple[Discrepancy, Cover]]) -> None:
    """Take the usage back from the provisional lot, and book it on the lot that came."""
    reversals: dict[UUID, Move] = {}
    usages: dict[tuple[LotId, AppointmentId], Move] = {}
    for discrepancy, each in moved:
        original, lot_id = discrepancy.usage, each.lot_id
        back = reversals.get(original.id) or _back(delivery, original)
        reversals[original.id] = replace(back, quantity=back.quantity + each.quantity)
        anew = usages.get((lot_id, discrepancy.appointment_id)) or _anew(delivery, original, lot_id)
        usages[lot_id, discrepancy.appointment_id] = replace(anew, quantity=anew.quantity - each.quantity)
    record(tx, shelf, [*reversals.values(), *usages.values()])
    await shelf.write(tx)


def _back(delivery: Explanation, original: Movement) -> Move:
    usage = _anew(delivery, original, original.lot_id)
    return replace(usage, id=new_id(), type=MovementType.REVERSAL, reverses_id=original.id)


def _anew(delivery: Explanation, original: Movement, lot_id: LotId) -> Move:
    return Move(
        id=new_id(),
        type=MovementType.USAGE,
        item_id=original.item_id,
        lot_id=lot_id,
        location_id=original.location_id,
        quantity=0,
        occurred_at=delivery.at,
        source_id=delivery.source_id,
        appointment_id=original.appointment_id,
        known_by=LotKnownBy.PICK,
    )


async def _tell_anew(tx: Tx, appointments: Collection[AppointmentId], *, at: datetime) -> None:
    lines = await lines_of(tx, appointments)
    for consumption in await lock_sorted(tx, Consumption, appointments):
        emit(tx, consumption.corrected(lines.get(consumption.appointment_id, ()), at=at))
