"""What billing tells of money: packages and their units, invoices and payments, a patient's account."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.values import Money
from web.api import Api
from web.clients.shape import Shape
from web.errors import ApiProblem


class Unit(Shape):
    """One prepaid session of a package."""

    id: UUID
    state: str
    amount: Money
    appointment_id: UUID | None = None


class Package(Shape):
    id: UUID
    patient_id: UUID
    location_id: UUID
    treatment: str
    sessions: int
    price: Money
    list_price: Money | None = None
    """Of a single session on the day of the sale."""
    sold_at: datetime
    sold_on: date
    expires_on: date | None = None
    state: str
    remaining: int
    """Sessions that are available or reserved."""
    units: tuple[Unit, ...]

    def count(self, state: str) -> int:
        return sum(unit.state == state for unit in self.units)


class Packages(Shape):
    """One page of packages."""

    items: tuple[Package, ...]
    next_cursor: str | None = None


class Offer(Shape):
    """A package as it is suggested to the desk."""

    sessions: int
    price: Money
    regular: Money
    """As many single sessions at list price."""
    expires_on: date | None = None
    """If it is sold today."""


class Payment(Shape):
    id: UUID
    method: str
    amount: Money
    reference: str | None = None
    received_at: datetime
    invoice_id: UUID | None = None
    package_id: UUID | None = None


class Invoice(Shape):
    """One completed session that is owed, and what is left of it."""

    id: UUID
    appointment_id: UUID
    patient_id: UUID
    location_id: UUID
    treatment: str
    total: Money
    due: Money
    state: str
    performed_on: date
    issued_at: datetime
    payments: tuple[Payment, ...] = ()
    """Told only when one invoice is asked for."""

    @property
    def is_open(self) -> bool:
        return self.due.minor > 0


class Invoices(Shape):
    """One page of invoices."""

    items: tuple[Invoice, ...]
    next_cursor: str | None = None


class Taken(Payment):
    """A payment that was just taken, and how the invoice stands after it."""

    due: Money
    state: str


class Account(Shape):
    """All that one patient bought, owes and paid."""

    packages: tuple[Package, ...]
    invoices: tuple[Invoice, ...]
    balance_due: Money
    payments: tuple[Payment, ...] = ()

    def owed_for(self, treatment: str) -> tuple[Invoice, ...]:
        """Sessions of a treatment that were completed without a package and are not paid yet."""
        return tuple(invoice for invoice in self.invoices if invoice.treatment == treatment and invoice.is_open)

    def left_of(self, treatment: str) -> int:
        """Prepaid sessions of a treatment that no visit has yet."""
        return sum(package.count("available") for package in self.packages if package.treatment == treatment)


async def packages(
    api: Api, location_id: UUID, *, cursor: str | None = None, limit: int = 50, **asked: str | None
) -> Packages:
    """Packages sold at a location, by `state` and `treatment`, in the order of `sort`."""
    return await api.get("billing", "/packages", Packages, location_id=location_id, cursor=cursor, limit=limit, **asked)


async def package(api: Api, package_id: UUID) -> Package:
    return await api.get("billing", f"/packages/{package_id}", Package)


async def offers(api: Api, location_id: UUID, treatment: str) -> tuple[Offer, ...]:
    """What packages of a treatment are suggested at; empty where it has no price."""
    return await api.get("billing", "/package-offers", tuple[Offer, ...], location_id=location_id, treatment=treatment)


async def sell(api: Api, body: Mapping[str, Any], *, key: str) -> Package:
    return await api.post("billing", "/packages", body, Package, key=key)


async def account(api: Api, patient_id: UUID) -> Account:
    """What a patient prepaid, owes and paid; billing knows nobody who never had a visit or a sale."""
    try:
        return await api.get("billing", f"/patients/{patient_id}/account", Account)
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return Account(packages=(), invoices=(), balance_due=Money(minor=0), payments=())


async def invoices(
    api: Api,
    location_id: UUID,
    *,
    state: str | None = None,
    sort: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Invoices:
    """Invoices of a location."""
    return await api.get(
        "billing", "/invoices", Invoices, location_id=location_id, state=state, sort=sort, cursor=cursor, limit=limit
    )


async def invoice(api: Api, invoice_id: UUID) -> Invoice:
    return await api.get("billing", f"/invoices/{invoice_id}", Invoice)


async def pay(api: Api, invoice_id: UUID, body: Mapping[str, Any], *, key: str) -> Taken:
    """Take a payment for what is owed, never more than that."""
    return await api.post("billing", f"/invoices/{invoice_id}/payments", body, Taken, key=key)
