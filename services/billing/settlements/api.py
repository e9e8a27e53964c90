"""HTTP door to settlements: how visits are paid for, many at once, for the day page."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from chassis.auth import Scope, require
from chassis.http import Db, InContext, router
from contracts.billing import WaiverReason
from contracts.identity import CLINIC, MONEY
from contracts.values import AppointmentId, InvoiceId, Money, PackageId
from services.billing.settings import BillingSettings
from services.billing.settlements import queries
from services.billing.settlements.queries import Paid
from services.billing.visits.model import Visit

api = router("/appointments", tag="settlements")
Looking = Annotated[Scope, require(*CLINIC, *MONEY)]
IDS_MAX = 500
_ID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class PaidBy(StrEnum):
    RESERVED = "reserved"
    """A prepaid session is kept for the visit."""
    REDEEMED = "redeemed"
    INVOICED = "invoiced"
    WAIVED = "waived"
    UNPRICED = "unpriced"
    """Completed, but its treatment has no price at the location: set one, and it is charged."""


class SettlementOut(BaseModel):
    """How one appointment is, or will be, paid for."""

    appointment_id: AppointmentId
    kind: PaidBy
    amount: Money
    due: Money
    package_id: PackageId | None = None
    invoice_id: InvoiceId | None = None
    reason: WaiverReason | None = None


@api.get("/settlements")
async def list_settlements(
    ids: Annotated[
        str,
        Query(
            pattern=f"^{_ID}(,{_ID}){{0,{IDS_MAX - 1}}}$",
            description=f"Up to {IDS_MAX} appointment ids, separated by commas.",
            examples=["0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"],
        ),
    ],
    db: Db,
    context: InContext,
    scope: Looking,
) -> list[SettlementOut]:
    """How these visits are paid for. A visit that nothing is known of, or that will be owed, is left out."""
    asked = {AppointmentId(UUID(each)) for each in ids.split(",")}
    async with db.reading() as tx:
        found = await queries.paid_for(tx, asked, scope.within(Visit.location_id))
    nothing = Money(minor=0, currency=context.settings_as(BillingSettings).currency)
    return [out for each in found if (out := _out(each, nothing)) is not None]


def _out(paid: Paid, nothing: Money) -> SettlementOut | None:
    if paid.unit and paid.package:
        kind = PaidBy.REDEEMED if paid.settlement else PaidBy.RESERVED
        amount = Money(minor=paid.unit.amount, currency=paid.package.currency)
        return SettlementOut(
            appointment_id=paid.visit.id, kind=kind, amount=amount, due=nothing, package_id=paid.package.id
        )
    if paid.invoice:
        return SettlementOut(
            appointment_id=paid.visit.id,
            kind=PaidBy.INVOICED,
            amount=paid.invoice.money,
            due=paid.invoice.due,
            invoice_id=paid.invoice.id,
        )
    if paid.settlement:
        reason = paid.settlement.reason
        return SettlementOut(
            appointment_id=paid.visit.id, kind=PaidBy.WAIVED, amount=nothing, due=nothing, reason=reason
        )
    if paid.visit.awaits_settlement:
        return SettlementOut(appointment_id=paid.visit.id, kind=PaidBy.UNPRICED, amount=nothing, due=nothing)
    return None
