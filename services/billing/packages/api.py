"""HTTP door to packages: sell one, look at them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.context import Context
from chassis.errors import NotFound
from chassis.http import BadCursor, Db, InContext, Now, Page, Paged, refuses, router
from contracts.identity import CLINIC, MONEY, TILL
from contracts.values import (
    AppointmentId,
    EntitlementId,
    LegalEntityId,
    LocationId,
    Money,
    PackageId,
    PatientId,
    TreatmentCode,
)
from services.billing.accounts import usecases as accounts
from services.billing.amounts import PaidAmount
from services.billing.catalogue.usecases import UnknownTreatment
from services.billing.days import local_date
from services.billing.listing import Rows, page_of
from services.billing.packages import queries, usecases
from services.billing.packages.model import Entitlement, Package, UnitState
from services.billing.packages.queries import PackageState
from services.billing.payments.api import PaymentIn
from services.billing.payments.model import ReferenceNeeded, ReferenceUsed
from services.billing.settings import BillingSettings, WrongCurrency
from services.billing.settlements.queries import unsettled_of
from services.billing.settlements.usecases import settle_waiting

api = router("/packages", tag="packages")
Looking = Annotated[Scope, require(*CLINIC, *MONEY)]
Selling = Annotated[Scope, require(*TILL)]
Sort = Literal["sold_on", "-sold_on", "expires_on", "-expires_on", "remaining", "-remaining"]
_COLUMNS: dict[str, Any] = {
    "sold_on": Package.sold_on,
    "expires_on": func.coalesce(Package.expires_on, date.max),
    "remaining": Package.remaining,
}


class PackageIn(BaseModel):
    """A sale, paid in full; the payments may be split between cash and cards."""

    model_config = ConfigDict(extra="forbid")

    patient_id: PatientId
    location_id: LocationId
    treatment: TreatmentCode = Field(examples=["pen-face"])
    sessions: Literal[3, 4, 6] = Field(examples=[3])
    price: PaidAmount
    payments: list[PaymentIn] = Field(min_length=1, max_length=10)


class UnitOut(BaseModel):
    """One prepaid session and its part of the price."""

    id: EntitlementId
    state: UnitState
    amount: Money
    appointment_id: AppointmentId | None

    @classmethod
    def of(cls, unit: Entitlement) -> "UnitOut":
        return cls(id=unit.id, state=unit.state, amount=unit.money, appointment_id=unit.appointment_id)


class PackageOut(BaseModel):
    """Prepaid sessions of one treatment."""

    id: PackageId
    patient_id: PatientId
    location_id: LocationId
    legal_entity_id: LegalEntityId
    treatment: str
    sessions: int
    price: Money
    list_price: Money | None = Field(description="Of a single session on the day of the sale.")
    terms_version: str
    sold_at: datetime
    sold_on: date
    expires_on: date | None
    state: PackageState
    remaining: int = Field(description="Sessions that are available or reserved.")
    units: list[UnitOut]

    @classmethod
    def of(cls, package: Package, *, now: datetime) -> "PackageOut":
        listed = package.list_price
        return cls(
            id=package.id,
            patient_id=package.patient_id,
            location_id=package.location_id,
            legal_entity_id=package.legal_entity_id,
            treatment=package.treatment,
            sessions=package.sessions,
            price=package.money,
            list_price=None if listed is None else Money(minor=listed, currency=package.currency),
            terms_version=package.terms_version,
            sold_at=package.sold_at,
            sold_on=package.sold_on,
            expires_on=package.expires_on,
            state=_state(package, local_date(now, package.zone)),
            remaining=package.remaining,
            units=[UnitOut.of(unit) for unit in package.units],
        )


def _state(package: Package, today: date) -> PackageState:
    if package.remaining == 0:
        return "used_up"
    return "expired" if package.expires_on is not None and package.expires_on < today else "active"


@api.post(
    "",
    status_code=201,
    responses=refuses(
        NotFound, usecases.PaymentsDontMatch, ReferenceNeeded, ReferenceUsed, UnknownTreatment, WrongCurrency
    ),
)
async def sell_package(body: PackageIn, command: Commanded, scope: Selling) -> PackageOut:
    """Sell prepaid sessions. They are kept at once for visits of that treatment which are booked already."""
    scope.must_cover(body.location_id)
    settings = command.context.settings_as(BillingSettings)
    settings.must_be_ours(body.price.money, *(each.amount.money for each in body.payments))
    now = command.context.clock.now()
    await _meet(command.context, body.patient_id)
    async with command.transaction() as tx:
        package = await usecases.sell(tx, _sale(body), terms=settings.terms, at=now)
        await settle_waiting(tx, await unsettled_of(tx, body.patient_id), at=now)
        return command.answer(PackageOut.of(package, now=now), status=201)


async def _meet(context: Context, patient_id: PatientId) -> None:
    """Ask booking about a patient whose registration is still on its way: a desk sells a moment after registering."""
    async with context.db.reading() as tx:
        if await accounts.is_known(tx, patient_id):
            return
    try:
        await context.peers.get("booking", f"/patients/{patient_id}/registration")
    except NotFound as error:
        raise NotFound(kind="patient", id=str(patient_id)) from error
    async with context.db.transaction() as tx:
        await accounts.hold(tx, [patient_id])


def _sale(body: PackageIn) -> usecases.Sale:
    return usecases.Sale(
        patient_id=body.patient_id,
        location_id=body.location_id,
        treatment=body.treatment,
        sessions=body.sessions,
        price=body.price.money,
        tenders=[each.tender for each in body.payments],
    )


class PackageFilter(BaseModel):
    """Which packages."""

    location_id: LocationId | None = None
    patient_id: PatientId | None = None
    treatment: TreatmentCode | None = None
    state: PackageState | None = None

    def narrow(self, rows: Rows, scope: Scope, *, now: datetime) -> Rows:
        """Only these, and only what the caller may see."""
        if self.location_id:
            scope.must_cover(self.location_id)
        rows = rows.where(scope.within(Package.location_id))
        for name in ("location_id", "patient_id", "treatment"):
            if (value := getattr(self, name)) is not None:
                rows = rows.where(getattr(Package, name) == value)
        return queries.in_state(rows, self.state, now=now) if self.state else rows


class PackageQuery(PackageFilter):
    sort: Sort = "-sold_on"


@api.get("", responses=refuses(NotFound, BadCursor))
async def list_packages(
    *, asked: Annotated[PackageQuery, Query()], paging: Paged, db: Db, clock: Now, scope: Looking
) -> Page[PackageOut]:
    """Packages sold at the caller's locations."""
    now, column = clock.now(), asked.sort.removeprefix("-")
    rows = asked.narrow(select(Package).options(selectinload(Package.units)), scope, now=now)
    rows = page_of(rows, paging, by=_COLUMNS[column], unique=Package.id, descending=asked.sort.startswith("-"))
    async with db.reading() as tx:
        found = [PackageOut.of(package, now=now) for package in await tx.scalars(rows)]
    return paging.page(found, lambda each: (_sorted_by(each, column), each.id))


def _sorted_by(package: PackageOut, column: str) -> Any:
    value = getattr(package, column)
    return date.max if value is None else value


@api.get("/{package_id}", responses=refuses(NotFound))
async def look_at_package(package_id: PackageId, db: Db, context: InContext, scope: Looking) -> PackageOut:
    """A package with each of its sessions."""
    async with db.reading() as tx:
        package = await queries.package(tx, package_id)
        scope.must_cover(package.location_id, kind="package", id=package.id)
        return PackageOut.of(package, now=context.clock.now())
