"""HTTP door to prices and to what packages are suggested at."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.db import one
from chassis.errors import NotFound
from chassis.fields import Day
from chassis.http import Db, InContext, refuses, router
from contracts.identity import CLINIC, MONEY, TILL
from contracts.values import LocationId, Money, PriceId, TreatmentCode
from services.billing.amounts import PriceAmount
from services.billing.catalogue.model import Location
from services.billing.catalogue.usecases import UnknownTreatment
from services.billing.days import local_date, months_later
from services.billing.prices import queries, usecases
from services.billing.prices.model import Price
from services.billing.prices.pricing import in_force, is_unusual, offers
from services.billing.settings import BillingSettings, WrongCurrency
from services.billing.settlements import queries as settlements
from services.billing.settlements.usecases import settle_waiting

api = router("/prices", tag="prices")
offers_api = router("/package-offers", tag="packages")
Looking = Annotated[Scope, require(*CLINIC, *MONEY)]
Selling = Annotated[Scope, require(*TILL)]
Pricing = Annotated[Scope, require(*MONEY)]
SETTLED_AT_ONCE = 100
"""Sessions that had waited for this price and are settled with it; a timer takes the rest."""


class PriceIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    treatment: TreatmentCode = Field(examples=["pen-face"])
    location_id: LocationId
    price: PriceAmount
    effective_on: Day = Field(examples=["2026-12-01"], description="First business day on which it is charged.")


class NextPrice(BaseModel):
    price: Money
    effective_on: date


class PriceOut(BaseModel):
    """What a single session costs at a location today, and what it will cost next."""

    id: PriceId
    treatment: str = Field(examples=["pen-face"])
    location_id: LocationId
    price: Money
    effective_on: date
    next: NextPrice | None = None


class Warned(BaseModel):
    """Something to look at twice; the command was carried out."""

    code: Literal["unusual_price"] = "unusual_price"
    message: str = Field(examples=["A session usually costs between 300.00 and 700.00."])


class PriceSet(BaseModel):
    id: PriceId
    treatment: str
    location_id: LocationId
    price: Money
    effective_on: date
    warnings: list[Warned]
    settled: int = Field(description="Completed sessions that had waited for this price and are charged now.")


class OfferOut(BaseModel):
    """A package as it may be suggested; the desk can agree on another price."""

    sessions: int = Field(examples=[3])
    price: Money
    regular: Money = Field(description="As many single sessions at list price.")
    expires_on: date | None = Field(description="If it is sold today.")


@api.get("", responses=refuses(NotFound))
async def list_prices(
    *,
    location_id: LocationId,
    db: Db,
    context: InContext,
    scope: Looking,
    on: Annotated[Day | None, Query(description="Another day than today.")] = None,
) -> list[PriceOut]:
    """The price of each treatment at a location."""
    scope.must_cover(location_id)
    async with db.reading() as tx:
        location = await one(tx, Location, location_id)
        day = on or local_date(context.clock.now(), location.zone)
        return _current(list(await queries.price_list(tx, location_id)), day)


def _current(prices: list[Price], day: date) -> list[PriceOut]:
    found = []
    for treatment in sorted({price.treatment for price in prices}):
        own = [price for price in prices if price.treatment == treatment]
        if price := in_force(own, day):
            later = min((each for each in own if each.effective_on > day), key=_begin, default=None)
            found.append(_price_out(price, later))
    return found


def _begin(price: Price) -> date:
    return price.effective_on


def _price_out(price: Price, later: Price | None) -> PriceOut:
    return PriceOut(
        id=price.id,
        treatment=price.treatment,
        location_id=price.location_id,
        price=price.money,
        effective_on=price.effective_on,
        next=NextPrice(price=later.money, effective_on=later.effective_on) if later else None,
    )


@api.put("", responses=refuses(NotFound, UnknownTreatment, WrongCurrency))
async def set_price(body: PriceIn, command: Commanded, scope: Pricing) -> PriceSet:
    """Set the list price of a treatment at a location from a day on. Zero means free of charge, on purpose."""
    scope.must_cover(body.location_id)
    settings = command.context.settings_as(BillingSettings)
    settings.must_be_ours(body.price.money)
    now = command.context.clock.now()
    async with command.transaction() as tx:
        new = usecases.NewPrice(body.treatment, body.location_id, body.price.money, body.effective_on)
        price = await usecases.set_price(tx, new, at=now)
        waiting = await settlements.unsettled_at(tx, body.location_id, body.treatment, limit=SETTLED_AT_ONCE)
        settled = await settle_waiting(tx, waiting, at=now)
        return command.answer(_price_set(price, settings, settled))


def _price_set(price: Price, settings: BillingSettings, settled: int) -> PriceSet:
    return PriceSet(
        id=price.id,
        treatment=price.treatment,
        location_id=price.location_id,
        price=price.money,
        effective_on=price.effective_on,
        warnings=_warnings(price.money, settings),
        settled=settled,
    )


def _warnings(price: Money, settings: BillingSettings) -> list[Warned]:
    low, high = settings.price_warning_low_minor, settings.price_warning_high_minor
    if not is_unusual(price, low_minor=low, high_minor=high):
        return []
    return [Warned(message=f"A session usually costs between {low / 100:.2f} and {high / 100:.2f}.")]


@offers_api.get("", responses=refuses(NotFound))
async def list_offers(
    *, location_id: LocationId, treatment: TreatmentCode, db: Db, context: InContext, scope: Selling
) -> list[OfferOut]:
    """Packages that may be suggested for a treatment; none where it has no price."""
    scope.must_cover(location_id)
    settings = context.settings_as(BillingSettings)
    async with db.reading() as tx:
        location = await one(tx, Location, location_id)
        today = local_date(context.clock.now(), location.zone)
        price = await queries.price_on(tx, (location_id, treatment), today)
    if price is None or price.amount == 0:
        return []
    expires_on = months_later(today, settings.package_months) if settings.package_months else None
    suggested = offers(price.money, settings.package_discount_percent)
    return [
        OfferOut(sessions=each.sessions, price=each.price, regular=each.regular, expires_on=expires_on)
        for each in suggested
    ]
