"""The rows of each file, by location, with whole amounts."""

from sqlalchemy import func, select

from services.billing.catalogue.model import Location
from services.billing.currency import whole
from services.billing.invoices.model import Invoice
from services.billing.listing import Rows
from services.billing.packages.model import Entitlement, Package, UnitState


def packages() -> Rows:
    """Packages, oldest first, and what of their price is not earned yet."""
    deferred = (
        select(func.coalesce(func.sum(Entitlement.amount), 0))
        .where(Entitlement.package_id == Package.id, Entitlement.state != UnitState.REDEEMED)
        .scalar_subquery()
    )
    return (
        select(
            Package.id.label("package_id"),
            Location.code.label("location"),
            Package.patient_id,
            Package.treatment,
            Package.sold_on,
            Package.expires_on,
            Package.sessions,
            Package.remaining,
            whole(Package.price).label("price"),
            whole(deferred).label("deferred"),
            Package.currency,
        )
        .outerjoin(Location, Location.id == Package.location_id)
        .order_by(Package.sold_on, Package.id)
    )


def invoices() -> Rows:
    """Invoices, oldest first."""
    return (
        select(
            Invoice.id.label("invoice_id"),
            Location.code.label("location"),
            Invoice.patient_id,
            Invoice.appointment_id,
            Invoice.treatment,
            Invoice.performed_on,
            Invoice.state,
            whole(Invoice.total).label("total"),
            whole(Invoice.total - Invoice.paid).label("due"),
            Invoice.currency,
        )
        .outerjoin(Location, Location.id == Invoice.location_id)
        .order_by(Invoice.performed_on, Invoice.id)
    )
