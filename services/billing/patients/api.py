"""HTTP door to a patient's account: what was prepaid, what is owed, what was paid."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from chassis.auth import Scope, require
from chassis.db import one
from chassis.errors import NotFound
from chassis.http import Db, InContext, refuses, router
from contracts.identity import CLINIC, MONEY
from contracts.values import AppointmentId, EntitlementId, Money, PackageId, PatientId, TreatmentCode
from services.billing.accounts.model import Account
from services.billing.invoices.api import InvoiceOut
from services.billing.invoices.model import Invoice
from services.billing.invoices.queries import invoices_of
from services.billing.packages.api import PackageOut
from services.billing.packages.model import Package, UnitState
from services.billing.packages.queries import packages_of
from services.billing.payments.api import PaymentOut
from services.billing.payments.model import Payment
from services.billing.payments.queries import payments_of
from services.billing.settings import BillingSettings

api = router("/patients", tag="accounts")
Looking = Annotated[Scope, require(*CLINIC, *MONEY)]


class AccountOut(BaseModel):
    """Packages of the whole chain; invoices and payments of the caller's locations."""

    patient_id: PatientId
    packages: list[PackageOut]
    invoices: list[InvoiceOut]
    balance_due: Money = Field(description="What is still open on these invoices.")
    payments: list[PaymentOut]


class EntitlementOut(BaseModel):
    """A prepaid session that is not used up."""

    id: EntitlementId
    package_id: PackageId
    treatment: str
    state: UnitState
    amount: Money
    appointment_id: AppointmentId | None
    expires_on: date | None


@api.get("/{patient_id}/account", responses=refuses(NotFound))
async def look_at_account(patient_id: PatientId, db: Db, context: InContext, scope: Looking) -> AccountOut:
    """What a patient has prepaid, owes and paid."""
    now, currency = context.clock.now(), context.settings_as(BillingSettings).currency
    async with db.reading() as tx:
        await one(tx, Account, patient_id)
        packages = await packages_of(tx, patient_id)
        invoices = await invoices_of(tx, patient_id, scope.within(Invoice.location_id))
        payments = await payments_of(tx, patient_id, scope.within(Payment.location_id))
        return AccountOut(
            patient_id=patient_id,
            packages=[PackageOut.of(package, now=now) for package in packages],
            invoices=[InvoiceOut.of(invoice) for invoice in invoices],
            balance_due=sum((invoice.due for invoice in invoices), start=Money(minor=0, currency=currency)),
            payments=[PaymentOut.of(payment) for payment in payments],
        )


@api.get("/{patient_id}/entitlements", responses=refuses(NotFound))
async def list_entitlements(
    patient_id: PatientId, db: Db, _: Looking, treatment: TreatmentCode | None = None
) -> list[EntitlementOut]:
    """Prepaid sessions that a patient has left, at whichever location they were sold."""
    async with db.reading() as tx:
        await one(tx, Account, patient_id)
        packages = await packages_of(tx, patient_id)
        wanted = [package for package in packages if treatment in (None, package.treatment)]
        return [entitlement for package in wanted for entitlement in _left_of(package)]


def _left_of(package: Package) -> list[EntitlementOut]:
    return [
        EntitlementOut(
            id=unit.id,
            package_id=package.id,
            treatment=package.treatment,
            state=unit.state,
            amount=unit.money,
            appointment_id=unit.appointment_id,
            expires_on=package.expires_on,
        )
        for unit in package.units
        if unit.state is not UnitState.REDEEMED
    ]
