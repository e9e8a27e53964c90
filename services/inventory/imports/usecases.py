"""Bringing over the stock of another system: each row once, however often the file is sent."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select

from chassis.db import Tx
from chassis.errors import DomainError, NotFound, Refused
from contracts.values import BaseUnit, ItemId, LocationId
from services.inventory.catalogue.usecases import known_locations
from services.inventory.items.model import CountedInPieces, Item, ItemClass
from services.inventory.items.usecases import NewItem, add_item
from services.inventory.receipts.model import Receipt
from services.inventory.receipts.queries import lines_of
from services.inventory.receipts.usecases import Delivery, DeliveryLine, receive_all

TURN_SECONDS = 30
"""How long a batch may wait for the ones before it."""


class NoSuchItem(Refused):
    """No item has this code. Add it to the catalogue, or give its name and unit in the row."""


class ImportedOtherwise(Refused):
    """This row was imported before with another item, lot or quantity. Correct the stock here, not by import."""


class SaidTwice(Refused):
    """This external id stands in an earlier row of the batch, with other values."""


class Outcome(StrEnum):
    CREATED = "created"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Row:
    """So much of a lot at a location, as the other system tells it."""

    external_id: str
    location_id: LocationId
    item: str
    lot_number: str
    expires_on: date
    quantity: int
    item_name: str | None = None
    unit: BaseUnit | None = None
    item_class: ItemClass = ItemClass.CONSUMABLE
    gtin: str | None = None
    received_on: date | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a row."""

    external_id: str
    outcome: Outcome
    reason: str | None = None


Covers = Callable[[LocationId], bool]
Seen = tuple[LocationId, str, str, date, int]
"""What a row that was imported before must still say."""


async def import_stock(tx: Tx, rows: Sequence[Row], *, covers: Covers, at: datetime) -> list[Result]:
    """Put each row on the shelf once; a row that breaks a rule is told apart and holds up no other."""
    await _wait_for_turn(tx)
    locations = {each for each in await known_locations(tx, {row.location_id for row in rows}) if covers(each)}
    before = await _imported_before(tx, {row.external_id for row in rows})
    results: dict[int, Result] = {}
    new: dict[int, Row] = {}
    said: dict[str, Row] = {}
    for number, row in enumerate(rows):
        if (first := said.setdefault(row.external_id, row)) is not row:
            results[number] = _again(row, SaidTwice, unless=first == row)
        elif row.location_id not in locations:
            results[number] = _rejected(row, NotFound(kind="location", id=str(row.location_id)))
        elif row.external_id in before:
            results[number] = _again(row, ImportedOtherwise, unless=before[row.external_id] == _seen(row))
        else:
            new[number] = row
    results |= await _bring(tx, new, at=at)
    return [results[number] for number in range(len(rows))]


async def _wait_for_turn(tx: Tx) -> None:
    """One batch after the other: they are large, and mostly of the same items at the same location."""
    for limit in ("lock_timeout", "statement_timeout"):
        await tx.execute(select(func.set_config(limit, f"{TURN_SECONDS}s", True)))
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("stock import", 0))))


async def _bring(tx: Tx, rows: Mapping[int, Row], *, at: datetime) -> dict[int, Result]:
    items = await _items(tx, list(rows.values()), at=at)
    results: dict[int, Result] = {}
    deliveries: dict[int, Delivery] = {}
    for number, row in rows.items():
        item = items[row.item]
        if isinstance(item, DomainError):
            results[number] = _rejected(row, item)
        else:
            deliveries[number] = _delivery(row, item)
    outcomes = await receive_all(tx, list(deliveries.values()), at=at)
    for number, outcome in zip(deliveries, outcomes, strict=True):
        row = rows[number]
        created = Result(row.external_id, Outcome.CREATED)
        results[number] = _rejected(row, outcome) if isinstance(outcome, DomainError) else created
    return results


async def _items(tx: Tx, rows: Collection[Row], *, at: datetime) -> dict[str, ItemId | DomainError]:
    """The item of each code; a new one where a row says what it is."""
    codes = sorted({row.item for row in rows})
    known = await tx.execute(select(Item.code, Item.id).where(Item.code.in_(codes)))
    found: dict[str, ItemId | DomainError] = {each.code: each.id for each in known}
    for row in rows:
        if row.item in found and not isinstance(found[row.item], NoSuchItem):
            continue
        found[row.item] = await _new_item(tx, row, at=at)
    return found


async def _new_item(tx: Tx, row: Row, *, at: datetime) -> ItemId | DomainError:
    if row.item_name is None or row.unit is None:
        return NoSuchItem(item=row.item)
    try:
        return (await add_item(tx, NewItem(row.item, row.item_name, row.item_class, row.unit), at=at)).id
    except CountedInPieces as refusal:
        return refusal


async def _imported_before(tx: Tx, external_ids: Collection[str]) -> dict[str, Seen]:
    receipts = (await tx.scalars(select(Receipt).where(Receipt.external_id.in_(sorted(external_ids))))).all()
    lines = await lines_of(tx, [receipt.id for receipt in receipts])
    return {
        each.external_id or "": (
            each.location_id,
            line.item_code,
            line.lot_number,
            line.expires_on,
            line.quantity,
        )
        for each in receipts
        for line in lines[each.id]
    }


def _seen(row: Row) -> Seen:
    return (row.location_id, row.item, row.lot_number, row.expires_on, row.quantity)


def _delivery(row: Row, item_id: ItemId) -> Delivery:
    line = DeliveryLine(item_id, row.lot_number, row.expires_on, row.quantity, row.gtin)
    return Delivery(row.location_id, [line], received_on=row.received_on, external_id=row.external_id)


def _again(row: Row, refusal: type[DomainError], *, unless: bool) -> Result:
    return Result(row.external_id, Outcome.UNCHANGED) if unless else _rejected(row, refusal())


def _rejected(row: Row, refusal: DomainError) -> Result:
    return Result(row.external_id, Outcome.REJECTED, refusal.message())
