"""Putting deliveries on the shelf, and closing the shortages that they explain (IV-27, IV-31)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from chassis.clock import new_id
from chassis.db import Tx
from chassis.errors import DomainError
from chassis.outbox import emit
from contracts.inventory import LotLine
from contracts.values import QUANTITY_MAX, ItemId, LocationId, ReceiptId
from services.inventory.catalogue.usecases import zones
from services.inventory.discrepancies.covering import Come
from services.inventory.discrepancies.usecases import Explanation, close_gaps
from services.inventory.items.model import Item, Pack
from services.inventory.items.usecases import items_with_packs
from services.inventory.receipts.model import GtinOfAnotherItem, Receipt, ReceivedInTheFuture, TooMuchOfALot
from services.inventory.stock.model import (
    ExpiredOnReceipt,
    ExpiryTooFar,
    Lot,
    LotKnownBy,
    Move,
    MovementType,
)
from services.inventory.stock.picking import is_expired
from services.inventory.stock.usecases import Label, LotName, Shelf, find_or_make_lots, hold, record

YEARS_MAX = 10
"""No expiry date lies further ahead (IV-27)."""


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """So much of one lot; in base units, or in packs of this label."""

    item_id: ItemId
    lot_number: str
    expires_on: date
    quantity: int
    gtin: str | None = None
    pack: str | None = None

    @property
    def lot_name(self) -> LotName:
        return (self.item_id, self.lot_number)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came to a location."""

    location_id: LocationId
    lines: Sequence[DeliveryLine]
    supplier: str | None = None
    reference: str | None = None
    received_on: date | None = None
    """The day it arrived, if somebody says so; else the day on which it is typed in."""
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the books say about the things in some deliveries."""

    items: Mapping[ItemId, Item]
    item_of_gtin: Mapping[str, ItemId]
    zones: Mapping[LocationId, ZoneInfo]


@dataclass(slots=True)
class Arrival:
    """A delivery that keeps every rule, on its way to the shelf."""

    delivery: Delivery
    receipt: Receipt
    quantities: dict[LotName, int]


async def receive(tx: Tx, delivery: Delivery, *, at: datetime) -> Receipt:
    """Put one delivery on the shelf."""
    [outcome] = await receive_all(tx, [delivery], at=at)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


async def receive_all(tx: Tx, deliveries: Sequence[Delivery], *, at: datetime) -> list[Receipt | DomainError]:
    """Put each delivery on the shelf, or say why not; they share their statements, not their fate.

    A refused delivery of several lines may leave lots without stock behind: whoever cares rolls back.
    """
    known = await _look_up(tx, deliveries)
    arrivals = [_arrival(delivery, known, at=at) for delivery in deliveries]
    good = [each for each in arrivals if isinstance(each, Arrival)]
    lots = await find_or_make_lots(tx, _labels(good))
    outcomes = [_with_lots(each, lots) for each in arrivals]
    shelved = [each for each in outcomes if isinstance(each, Arrival)]
    spots = {(item_id, each.delivery.location_id) for each in shelved for item_id, _ in each.quantities}
    shelf = await hold(tx, spots, lots=list(lots.values()))
    for arrival in shelved:
        await _shelve(tx, shelf, arrival, lots, at=at)
    await shelf.write(tx)
    return [each.receipt if isinstance(each, Arrival) else each for each in outcomes]


async def _look_up(tx: Tx, deliveries: Sequence[Delivery]) -> Known:
    lines = [line for delivery in deliveries for line in delivery.lines]
    items = await items_with_packs(tx, {line.item_id for line in lines})
    gtins = {line.gtin for line in lines if line.gtin}
    owners = await tx.execute(select(Pack.gtin, Pack.item_id).where(Pack.gtin.in_(sorted(gtins)))) if gtins else ()
    at_home = await zones(tx, {delivery.location_id for delivery in deliveries})
    return Known(items, {gtin: item_id for gtin, item_id in owners if gtin}, at_home)


def _arrival(delivery: Delivery, known: Known, *, at: datetime) -> Arrival | DomainError:
    """The delivery in base units, each lot once; or the first rule that it breaks."""
    zone = known.zones[delivery.location_id]
    today = at.astimezone(zone).date()
    received_on = delivery.received_on or today
    quantities: dict[LotName, int] = defaultdict(int)
    try:
        if received_on > today:
            raise ReceivedInTheFuture(received_on=received_on.isoformat(), today=today.isoformat())
        for line in delivery.lines:
            _check(line, known, received_on=received_on, today=today)
            quantities[line.lot_name] += known.items[line.item_id].in_base_units(line.quantity, line.pack)
            if quantities[line.lot_name] > QUANTITY_MAX:
                raise TooMuchOfALot(lot_number=line.lot_number, most=QUANTITY_MAX)
    except DomainError as refusal:
        return refusal
    receipt = Receipt(
        id=ReceiptId(new_id()),
        location_id=delivery.location_id,
        supplier=delivery.supplier,
        reference=delivery.reference,
        external_id=delivery.external_id,
        received_on=received_on,
        received_at=at if received_on == today else datetime.combine(received_on, time.min, zone).astimezone(UTC),
        version=1,
    )
    return Arrival(delivery, receipt, quantities)


def _check(line: DeliveryLine, known: Known, *, received_on: date, today: date) -> None:
    facts = {"lot_number": line.lot_number, "expires_on": line.expires_on.isoformat()}
    if is_expired(line.expires_on, on=received_on):
        raise ExpiredOnReceipt(**facts)
    if (line.expires_on.year - YEARS_MAX, line.expires_on.month, line.expires_on.day) > (
        today.year,
        today.month,
        today.day,
    ):
        raise ExpiryTooFar(**facts)
    if known.item_of_gtin.get(line.gtin or "", line.item_id) != line.item_id:
        raise GtinOfAnotherItem(gtin=line.gtin, item_id=str(known.item_of_gtin[line.gtin or ""]))


def _labels(arrivals: Iterable[Arrival]) -> dict[LotName, Label]:
    labels: dict[LotName, Label] = {}
    for arrival in arrivals:
        for line in arrival.delivery.lines:
            labels.setdefault(line.lot_name, Label(line.expires_on, line.gtin))
    return labels


def _with_lots(arrival: Arrival | DomainError, lots: Mapping[LotName, Lot]) -> Arrival | DomainError:
    if isinstance(arrival, DomainError):
        return arrival
    try:
        for line in arrival.delivery.lines:
            lots[line.lot_name].must_expire_on(line.expires_on)
    except DomainError as refusal:
        return refusal
    return arrival


async def _shelve(tx: Tx, shelf: Shelf, arrival: Arrival, lots: Mapping[LotName, Lot], *, at: datetime) -> None:
    receipt = arrival.receipt
    came = [(lots[name], quantity) for name, quantity in arrival.quantities.items()]
    short = {lot.item_id for lot, _ in came if shelf.has_negative((lot.item_id, receipt.location_id))}
    tx.add(receipt)
    record(tx, shelf, [_move(receipt, lot, each) for lot, each in came])
    emit(tx, receipt.received(tuple(_told(lot, quantity) for lot, quantity in came), at=at))
    come = [
        Come(line.item_id, lots[line.lot_name].id, line.expires_on, arrival.quantities[line.lot_name])
        for line in {each.lot_name: each for each in arrival.delivery.lines}.values()
        if line.item_id in short
    ]
    if come:
        await close_gaps(tx, shelf, Explanation(receipt.id, receipt.location_id, come, receipt.received_on, at))


def _move(receipt: Receipt, lot: Lot, quantity: int) -> Move:
    return Move(
        id=new_id(),
        type=MovementType.RECEIPT,
        item_id=lot.item_id,
        lot_id=lot.id,
        location_id=receipt.location_id,
        quantity=quantity,
        occurred_at=receipt.received_at,
        source_id=receipt.id,
        known_by=LotKnownBy.RECORD,
    )


def _told(lot: Lot, quantity: int) -> LotLine:
    return LotLine(item_id=lot.item_id, lot_id=lot.id, expires_on=lot.expires_on, quantity=quantity)
