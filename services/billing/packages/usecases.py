"""What may be done with packages: sell one, and keep its sessions for the visits that will use them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager
from sqlalchemy.orm.attributes import set_committed_value

from chassis.clock import new_id
from chassis.db import Tx, one
from chassis.errors import Refused
from chassis.many import among
from chassis.outbox import emit
from contracts.values import LocationId, Money, PackageId, PatientId, PaymentId
from services.billing.accounts.usecases import hold_known
from services.billing.catalogue.model import Location
from services.billing.catalogue.usecases import must_know_treatment
from services.billing.cause import Cause
from services.billing.days import local_date, months_later
from services.billing.ledger import postings
from services.billing.ledger.usecases import post
from services.billing.packages.model import Entitlement, Package, Terms
from services.billing.packages.wallet import Wallet
from services.billing.payments.model import Payment, Tender
from services.billing.payments.usecases import receive
from services.billing.prices.queries import price_on
from services.billing.visits.model import OPEN, Visit

_NOT_USED_UP = (
    select(Package)
    .join(Package.units)
    .where(among(Package.patient_id, "patients"), Package.remaining > 0)
    .order_by(Entitlement.position)
    .options(contains_eager(Package.units))
)
_NEEDS_A_UNIT = select(Visit).where(
    among(Visit.patient_id, "patients"),
    or_(
        and_(Visit.performed_on.is_(None), Visit.status.in_(OPEN)),
        and_(Visit.performed_on.is_not(None), Visit.settled_at.is_(None)),
    ),
)


class PaymentsDontMatch(Refused):
    """The payments do not add up to the price of the package. A package is paid in full when it is sold."""


@dataclass(frozen=True, slots=True)
class Sale:
    patient_id: PatientId
    location_id: LocationId
    treatment: str
    sessions: int
    price: Money
    tenders: Sequence[Tender]

    def check(self) -> None:
        """Refuse a sale that is not paid exactly."""
        for tender in self.tenders:
            tender.check()
        paid = {(tender.amount.currency, tender.amount.minor > 0) for tender in self.tenders}
        total = sum(tender.amount.minor for tender in self.tenders)
        if paid != {(self.price.currency, True)} or total != self.price.minor:
            raise PaymentsDontMatch(price=self.price.model_dump(), paid_minor=total)


async def sell(tx: Tx, sale: Sale, *, terms: Terms, at: datetime) -> Package:
    """Sell sessions ahead: paid in full, nothing earned yet (FN-06), and kept at once for visits already booked."""
    sale.check()
    location = await one(tx, Location, sale.location_id)
    await must_know_treatment(tx, sale.treatment)
    await hold_known(tx, sale.patient_id)
    package = await _package(tx, sale, location, terms=terms, at=at)
    emit(tx, package.sell())
    tx.add(package)
    await tx.flush()
    await receive(tx, [_payment(package, tender) for tender in sale.tenders])
    place = postings.Place(package.legal_entity_id, package.location_id)
    tendered = [(tender.method, tender.amount) for tender in sale.tenders]
    await post(tx, [postings.package_sale(package.id, place, tendered, on=package.sold_on)])
    await arrange(tx, await wallets(tx, [sale.patient_id]), {sale.patient_id: Cause(at)})
    return package


async def wallets(tx: Tx, patient_ids: Collection[PatientId]) -> dict[PatientId, Wallet]:
    """What these patients have left; their accounts are held, so nobody else changes it meanwhile."""
    found: dict[PatientId, list[Package]] = {}
    if patient_ids:
        for package in (await tx.scalars(_NOT_USED_UP, {"patients": list(patient_ids)})).unique():
            found.setdefault(package.patient_id, []).append(package)
            for unit in package.units:
                set_committed_value(unit, "package", package)  # it is: a look-up for each would take longer than all
    return {patient_id: Wallet(packages) for patient_id, packages in found.items()}


async def arrange(tx: Tx, held: Mapping[PatientId, Wallet], causes: Mapping[PatientId, Cause]) -> list[Visit]:
    """Keep a prepaid session for each visit of these patients that needs one, as far as they reach (BK-23).

    Returns the visits that are completed and wait for their settlement: whoever arranges settles them, too.
    """
    if not held:
        return []
    visits: dict[PatientId, list[Visit]] = {patient_id: [] for patient_id in held}
    for visit in await tx.scalars(_NEEDS_A_UNIT, {"patients": list(held)}):
        visits[visit.patient_id].append(visit)
    for patient_id, wallet in held.items():
        cause = causes[patient_id]
        cause.tell(tx, *wallet.arrange(visits[patient_id], at=cause.at))
    return [visit for each in visits.values() for visit in each if visit.awaits_settlement]


async def _package(tx: Tx, sale: Sale, location: Location, *, terms: Terms, at: datetime) -> Package:
    sold_on = local_date(at, location.zone)
    listed = await price_on(tx, (sale.location_id, sale.treatment), sold_on)
    return Package(
        id=PackageId(new_id()),
        patient_id=sale.patient_id,
        location_id=location.id,
        legal_entity_id=location.legal_entity_id,
        zone=location.zone,
        treatment=sale.treatment,
        sessions=sale.sessions,
        price=sale.price.minor,
        list_price=listed.amount if listed and listed.currency == sale.price.currency else None,
        currency=sale.price.currency,
        terms_version=terms.version,
        sold_at=at,
        sold_on=sold_on,
        expires_on=months_later(sold_on, terms.months) if terms.months else None,
    )


def _payment(package: Package, tender: Tender) -> Payment:
    return Payment(
        id=PaymentId(new_id()),
        patient_id=package.patient_id,
        location_id=package.location_id,
        legal_entity_id=package.legal_entity_id,
        method=tender.method,
        reference=tender.reference,
        amount=tender.amount.minor,
        currency=tender.amount.currency,
        package_id=package.id,
        received_at=package.sold_at,
        received_on=package.sold_on,
    )
