"""Which sessions wait for money, and what became of those that did not have to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select

from chassis.db import Tx
from contracts.values import AppointmentId, LocationId, PatientId
from services.billing.invoices.model import Invoice
from services.billing.packages.model import Entitlement, Package
from services.billing.prices.model import Price
from services.billing.settlements.model import Settlement
from services.billing.visits.model import Visit

UNSETTLED = (Visit.performed_on.is_not(None), Visit.settled_at.is_(None))


async def settleable(tx: Tx, *, limit: int) -> Sequence[AppointmentId]:
    """Completed sessions without a settlement for which there is a price by now.

    Prepaid units are not looked for: whatever makes one free, a sale or a cancellation, settles with it at once.
    """
    return await _unsettled(tx, _has_price(), limit=limit)


async def unsettled_at(tx: Tx, location_id: LocationId, treatment: str, *, limit: int) -> Sequence[AppointmentId]:
    """The oldest completed sessions of a treatment at a location that wait for its price."""
    return await _unsettled(tx, Visit.location_id == location_id, Visit.treatment == treatment, limit=limit)


async def unsettled_of(tx: Tx, patient_id: PatientId) -> Sequence[AppointmentId]:
    """A patient's completed sessions that nothing has paid for or charged."""
    return await _unsettled(tx, Visit.patient_id == patient_id, limit=100)


async def _unsettled(tx: Tx, *conditions: ColumnElement[bool], limit: int) -> Sequence[AppointmentId]:
    found = select(Visit.id).where(*UNSETTLED, *conditions).order_by(Visit.completed_at, Visit.id).limit(limit)
    return (await tx.scalars(found)).all()


def _has_price() -> ColumnElement[bool]:
    return exists().where(
        Price.location_id == Visit.location_id,
        Price.treatment == Visit.treatment,
        Price.effective_on <= Visit.performed_on,
    )


@dataclass(frozen=True, slots=True)
class Paid:
    """How a visit is paid for, or will be."""

    visit: Visit
    settlement: Settlement | None
    unit: Entitlement | None
    """Kept for the visit, or redeemed by it."""
    package: Package | None
    invoice: Invoice | None


async def paid_for(tx: Tx, ids: Collection[AppointmentId], visible: ColumnElement[bool]) -> list[Paid]:
    """How these visits are paid for; one query, whatever their number."""
    rows = (
        select(Visit, Settlement, Entitlement, Package, Invoice)
        .outerjoin(Settlement, Settlement.appointment_id == Visit.id)
        .outerjoin(Entitlement, Entitlement.appointment_id == Visit.id)
        .outerjoin(Package, Package.id == Entitlement.package_id)
        .outerjoin(Invoice, Invoice.appointment_id == Visit.id)
        .where(Visit.id.in_(sorted(ids)), visible)
        .order_by(Visit.id)
    )
    return [Paid(*row) for row in await tx.execute(rows)]
