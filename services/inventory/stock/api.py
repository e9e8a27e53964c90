"""HTTP door to the shelf: what lies at a location, which lot goes first, and from which level on it is too little."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.command import Commanded
from chassis.db import one
from chassis.errors import NotFound
from chassis.export import CSVResponse, csv_file
from chassis.fields import Day, Search, Whole
from chassis.http import Db, Now, refuses, router
from contracts.values import BaseUnit, ItemId, LocationId, LotId
from services.inventory.catalogue import usecases as catalogue
from services.inventory.items.api import ItemOut
from services.inventory.items.model import Item, UnknownItem
from services.inventory.items.usecases import items_with_packs
from services.inventory.stock import queries, usecases
from services.inventory.stock.model import Lot, LotLevel, LotState, StockLevel
from services.inventory.stock.picking import LotOnHand, is_expired
from services.inventory.stock.queries import OnShelf
from services.inventory.words import Keeping, Looking

api = router("", tag="stock")
DAYS_MAX = 3650
REORDER_POINT_MAX = 100_000_000


class LotOnShelf(BaseModel):
    """What lies of one lot at one location; below zero while its delivery is not recorded (IV-31)."""

    lot_id: LotId
    lot_number: str | None
    expires_on: date | None
    expired: bool
    on_hand: int
    state: LotState

    @classmethod
    def of(cls, level: LotLevel, *, today: date) -> "LotOnShelf":
        expires_on = level.lot.expires_on
        return cls(
            lot_id=level.lot_id,
            lot_number=level.lot.lot_number,
            expires_on=expires_on,
            expired=expires_on is not None and is_expired(expires_on, on=today),
            on_hand=level.on_hand,
            state=level.lot.state,
        )


class StockOut(BaseModel):
    """What lies of one item at one location, in base units, lot by lot."""

    item: ItemOut
    on_hand: int
    reorder_point: int
    low: bool
    lots: list[LotOnShelf]

    @classmethod
    def of(cls, each: OnShelf, *, today: date, expiring_by: date | None) -> "StockOut":
        lots = [LotOnShelf.of(level, today=today) for level in each.lots]
        if expiring_by is not None:
            lots = [lot for lot in lots if lot.expires_on and lot.expires_on <= expiring_by and lot.on_hand > 0]
        return cls(
            item=ItemOut.of(each.item),
            on_hand=each.level.on_hand,
            reorder_point=each.level.reorder_point,
            low=each.level.is_low,
            lots=lots,
        )


class UsableLot(BaseModel):
    """A lot that may be used on the day."""

    lot_id: LotId
    lot_number: str
    expires_on: date
    on_hand: int

    @classmethod
    def of(cls, lot: LotOnHand) -> "UsableLot":
        return cls(lot_id=lot.lot_id, lot_number=lot.lot_number, expires_on=lot.expires_on, on_hand=lot.on_hand)


class LotOut(BaseModel):
    """One production run of an item."""

    id: LotId
    item_id: ItemId
    item_code: str
    item_name: str
    unit: BaseUnit
    lot_number: str | None = Field(description="Null while nobody has recorded a delivery of it.")
    expires_on: date | None
    gtin: str | None
    state: LotState

    @classmethod
    def of(cls, lot: Lot, item: Item) -> "LotOut":
        return cls(
            id=lot.id,
            item_id=item.id,
            item_code=item.code,
            item_name=item.name,
            unit=item.unit,
            lot_number=lot.lot_number,
            expires_on=lot.expires_on,
            gtin=lot.gtin,
            state=lot.state,
        )


class LyingAt(BaseModel):
    location_id: LocationId
    on_hand: int


class LotWithPlaces(LotOut):
    on_hand: list[LyingAt]


class ReorderPoint(BaseModel):
    """At a location, below this many base units the item is low."""

    model_config = ConfigDict(extra="forbid")

    location_id: LocationId
    reorder_point: Whole = Field(ge=0, le=REORDER_POINT_MAX, examples=[20])


class ReorderPoints(BaseModel):
    model_config = ConfigDict(extra="forbid")

    points: list[ReorderPoint] = Field(min_length=1, max_length=500)


class LevelOut(BaseModel):
    location_id: LocationId
    on_hand: int
    reorder_point: int
    low: bool

    @classmethod
    def of(cls, level: StockLevel) -> "LevelOut":
        return cls(
            location_id=level.location_id,
            on_hand=level.on_hand,
            reorder_point=level.reorder_point,
            low=level.is_low,
        )


class LevelsOut(BaseModel):
    levels: list[LevelOut]


class StockFilter(BaseModel):
    """What of the shelf."""

    location_id: LocationId
    expiring_within_days: int | None = Field(
        default=None, ge=0, le=DAYS_MAX, description="Only lots that expire by then, expired ones too.", examples=[30]
    )
    low: bool = Field(default=False, description="Only items below their reorder point.")

    def shows(self, stock: StockOut) -> bool:
        return (stock.low or not self.low) and (bool(stock.lots) or self.expiring_within_days is None)

    def expiring_by(self, today: date) -> date | None:
        return None if self.expiring_within_days is None else today + timedelta(days=self.expiring_within_days)


@api.get("/stock", responses=refuses(NotFound))
async def list_stock(asked: Annotated[StockFilter, Query()], db: Db, now: Now, scope: Looking) -> list[StockOut]:
    """Everything on the shelf of a location, by name."""
    scope.must_cover(asked.location_id)
    async with db.reading() as tx:
        today = (await catalogue.location(tx, asked.location_id)).date_of(now.now())
        by = asked.expiring_by(today)
        shelf = await queries.shelf(tx, asked.location_id)
        stock = (StockOut.of(each, today=today, expiring_by=by) for each in shelf)
        return [each for each in stock if asked.shows(each)]


@api.get("/exports/stock.csv", response_class=CSVResponse, responses=refuses(NotFound))
async def stock_file(location_id: LocationId, db: Db, scope: Looking) -> CSVResponse:
    """The shelf of a location for a spreadsheet, a row per lot."""
    scope.must_cover(location_id)
    async with db.reading() as tx:
        place = await catalogue.location(tx, location_id)
    return csv_file(db, queries.shelf_file(location_id), name=f"stock-{place.code}")


class Whereabouts(BaseModel):
    """Where, and on which day; today at the location when none is given."""

    location_id: LocationId
    on: Day | None = None


@api.get("/items/{item_id}/lots", responses=refuses(NotFound, UnknownItem))
async def list_lots_of_item(
    item_id: ItemId, asked: Annotated[Whereabouts, Query()], db: Db, now: Now, *, scope: Looking
) -> list[UsableLot]:
    """The lots of an item that may be used at a location on a day, the first to expire in front."""
    scope.must_cover(asked.location_id)
    async with db.reading() as tx:
        place = await catalogue.location(tx, asked.location_id)
        await items_with_packs(tx, [item_id])
        day = asked.on or place.date_of(now.now())
        found = await queries.lots_in_order(tx, asked.location_id, [item_id], on=day)
        return [UsableLot.of(lot) for lot in found[item_id]]


@api.put("/items/{item_id}/reorder-points", responses=refuses(NotFound, UnknownItem))
async def set_reorder_points(item_id: ItemId, body: ReorderPoints, command: Commanded, scope: Keeping) -> LevelsOut:
    """Say from which level on an item is low, by location."""
    points = {each.location_id: each.reorder_point for each in body.points}
    for location_id in points:
        scope.must_cover(location_id)
    async with command.transaction() as tx:
        await items_with_packs(tx, [item_id])
        for location_id in points:
            await catalogue.location(tx, location_id)
        levels = await usecases.set_reorder_points(tx, item_id, points, at=command.context.clock.now())
        return command.answer(LevelsOut(levels=[LevelOut.of(each) for each in levels]))


@api.get("/lots")
async def list_lots(
    db: Db,
    _: Looking,
    q: Annotated[
        Search | None,
        Query(description="How the lot number begins.", examples=["LOT-47"]),
    ] = None,
    item_id: ItemId | None = None,
    state: LotState | None = None,
) -> list[LotOut]:
    """Look a lot up by what is printed on the box; at most 200."""
    async with db.reading() as tx:
        return [LotOut.of(lot, item) for lot, item in await queries.lots(tx, q=q, item_id=item_id, state=state)]


@api.get("/lots/{lot_id}", responses=refuses(NotFound))
async def look_at_lot(lot_id: LotId, db: Db, scope: Looking) -> LotWithPlaces:
    """One lot, and where it lies among the caller's locations."""
    async with db.reading() as tx:
        lot = await one(tx, Lot, lot_id)
        item = await one(tx, Item, lot.item_id)
        places = await queries.where_it_lies(tx, lot_id, scope.within(LotLevel.location_id))
        lying = [LyingAt(location_id=place, on_hand=on_hand) for place, on_hand in places.items()]
        return LotWithPlaces(**LotOut.of(lot, item).model_dump(), on_hand=lying)
