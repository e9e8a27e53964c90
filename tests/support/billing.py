"""Builders for billing: facts as booking tells them, a house with billing in it, and the books seen from outside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import func, select

from chassis.clock import new_id
from chassis.message import Message
from contracts import booking
from contracts.booking import AppointmentFact, AppointmentStatus
from contracts.envelope import Envelope, Fact
from contracts.values import (
    AppointmentId,
    LegalEntityId,
    Modality,
    Money,
    PatientId,
    PaymentMethod,
    PractitionerId,
    RoomId,
)
from services.billing.app import build
from services.billing.invoices.model import Invoice
from services.billing.ledger.model import Entry
from services.billing.packages.model import Entitlement, Package, Terms, UnitState
from services.billing.packages.usecases import Sale, sell
from services.billing.payments.model import Tender
from services.billing.prices.usecases import NewPrice, set_price
from services.billing.settings import BillingSettings
from services.billing.settlements.model import Settlement
from tests.support.chain import Clinic, a_treatment
from tests.support.house import NOON, House, plan
from tests.support.tokens import a_member_of_staff

BILLING = plan(build, BillingSettings)
PEN = "pen-face"
_KINDS: dict[AppointmentStatus, type[AppointmentFact]] = {
    AppointmentStatus.BOOKED: booking.AppointmentBooked,
    AppointmentStatus.CONFIRMED: booking.AppointmentConfirmed,
    AppointmentStatus.CHECKED_IN: booking.PatientArrived,
    AppointmentStatus.NUMBING: booking.NumbingStarted,
    AppointmentStatus.IN_PROCEDURE: booking.TreatmentStarted,
    AppointmentStatus.COMPLETED: booking.SessionCompleted,
    AppointmentStatus.CANCELLED_BY_PATIENT: booking.AppointmentCancelled,
    AppointmentStatus.NO_SHOW: booking.AppointmentMissed,
}


def dollars(amount: int) -> Money:
    return Money(minor=amount * 100)


def cash(amount: int) -> Tender:
    return Tender(PaymentMethod.CASH, dollars(amount))


def cents(amount: int) -> Tender:
    return Tender(PaymentMethod.CASH, Money(minor=amount))


def card(amount: int, reference: str) -> Tender:
    return Tender(PaymentMethod.CARD_TERMINAL, dollars(amount), reference)


def a_patient(patient_id: PatientId, clinic: Clinic) -> booking.PatientRegistered:
    return booking.PatientRegistered(patient_id=patient_id, version=1, at=NOON, home_location_id=clinic.id)


@dataclass
class Appointment:
    """An appointment as booking would tell of it: each call is its next fact."""

    patient_id: PatientId
    clinic: Clinic
    treatment: str = PEN
    starts_at: datetime = NOON + timedelta(days=1)
    id: AppointmentId = field(default_factory=lambda: AppointmentId(new_id()))
    version: int = 0

    def becomes(self, status: AppointmentStatus, *, at: datetime = NOON) -> AppointmentFact:
        self.version += 1
        fact: AppointmentFact = _KINDS[status](**self._state(status, at), **self._completion(status))
        return fact

    def moved(self, starts_at: datetime, *, at: datetime = NOON) -> booking.AppointmentMoved:
        self.version += 1
        self.starts_at = starts_at
        return booking.AppointmentMoved(**self._state(AppointmentStatus.BOOKED, at))

    def booked(self, *, at: datetime = NOON) -> AppointmentFact:
        return self.becomes(AppointmentStatus.BOOKED, at=at)

    def completed(self, *, at: datetime = NOON) -> AppointmentFact:
        return self.becomes(AppointmentStatus.COMPLETED, at=at)

    def cancelled(self, *, at: datetime = NOON) -> AppointmentFact:
        return self.becomes(AppointmentStatus.CANCELLED_BY_PATIENT, at=at)

    def missed(self, *, at: datetime = NOON) -> AppointmentFact:
        return self.becomes(AppointmentStatus.NO_SHOW, at=at)

    def _state(self, status: AppointmentStatus, at: datetime) -> dict[str, Any]:
        local = self.starts_at.astimezone(ZoneInfo(self.clinic.zone)).replace(tzinfo=None)
        return {
            "appointment_id": self.id,
            "version": self.version,
            "at": at,
            "patient_id": self.patient_id,
            "location_id": self.clinic.id,
            "legal_entity_id": self.clinic.entity,
            "treatment": self.treatment,
            "modality": Modality.PEN,
            "practitioner_id": PractitionerId(self.id),
            "room_id": RoomId(self.id),
            "status": status,
            "sequence": 0,
            "starts_at": self.starts_at,
            "ends_at": self.starts_at + timedelta(hours=1),
            "local_start": local,
            "zone": self.clinic.zone,
        }

    def _completion(self, status: AppointmentStatus) -> dict[str, Any]:
        if status is not AppointmentStatus.COMPLETED:
            return {}
        done = self.starts_at + timedelta(minutes=50)
        return {
            "started_at": self.starts_at,
            "completed_at": done,
            "performed_on": done.astimezone(ZoneInfo(self.clinic.zone)).date(),
            "consumption": (),
        }


def message(fact: Fact) -> Message:
    """The fact as it comes off the bus; the same fact is the same message, however often it is made."""
    message_id = UUID(int=(fact.aggregate_id.int ^ hash((fact.type, fact.version))) & (2**128 - 1))
    envelope = Envelope(
        id=message_id,
        type=fact.type,
        source="/needlepoint/booking",
        subject=f"{fact.aggregate}/{fact.aggregate_id}",
        time=fact.at,
        aggregate=fact.aggregate,
        aggregateid=fact.aggregate_id,
        aggregateversion=fact.version,
        correlationid=message_id,
    )
    return Message(envelope, fact.model_dump(mode="json"))


class Billing:
    """The billing service of a house, spoken to from all its doors."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.running = house.running["billing"]
        self.db = self.running.context.db

    def client(self, *roles: str, at: UUID | None = None) -> httpx.AsyncClient:
        """Someone with these roles, at one location or at all of them."""
        return self.house.client("billing", a_member_of_staff(*roles, at=at))

    async def hears(self, *facts: Fact) -> None:
        """All in one batch."""
        if facts:
            await self.running.consumer.handle([message(fact) for fact in facts])

    async def opens(self, *clinics: Clinic, treatments: Iterable[str] = (PEN,)) -> None:
        await self.hears(*(clinic.told() for clinic in clinics), *(a_treatment(code) for code in treatments))

    async def prices(self, clinic: Clinic, price: Money, *, treatment: str = PEN, days_ago: int = 30) -> None:
        day = (NOON - timedelta(days=days_ago)).date()
        async with self.db.transaction() as tx:
            await set_price(tx, NewPrice(treatment, clinic.id, price, day), at=NOON)

    async def sells(self, patient_id: PatientId, clinic: Clinic, tenders: Sequence[Tender], **how: Any) -> Package:
        """A package of three for what the tenders add up to, unless told otherwise."""
        sale = Sale(
            patient_id=patient_id,
            location_id=clinic.id,
            treatment=how.get("treatment", PEN),
            sessions=how.get("sessions", 3),
            price=Money(minor=sum(tender.amount.minor for tender in tenders)),
            tenders=tenders,
        )
        async with self.db.transaction() as tx:
            return await sell(tx, sale, terms=how.get("terms", Terms()), at=how.get("at", NOON))

    async def settlements(self) -> dict[AppointmentId, str]:
        async with self.db.reading() as tx:
            rows = await tx.execute(select(Settlement.appointment_id, Settlement.kind))
            return {appointment_id: kind.value for appointment_id, kind in rows}

    async def units(self) -> dict[str, int]:
        """How many prepaid sessions are in which state."""
        async with self.db.reading() as tx:
            rows = await tx.execute(select(Entitlement.state, func.count()).group_by(Entitlement.state))
            return {state.value: count for state, count in rows}

    async def kept_for(self) -> set[AppointmentId]:
        async with self.db.reading() as tx:
            kept = select(Entitlement.appointment_id).where(Entitlement.state == UnitState.RESERVED)
            return {appointment_id for appointment_id in await tx.scalars(kept) if appointment_id}

    async def balances(self, entity: LegalEntityId) -> dict[str, int]:
        """The balance of each account of a legal entity, in cents: debits above zero."""
        async with self.db.reading() as tx:
            rows = await tx.execute(
                select(Entry.account, func.sum(Entry.amount))
                .where(Entry.legal_entity_id == entity)
                .group_by(Entry.account)
            )
            return {account.value: int(total) for account, total in rows}

    async def invoices(self) -> Sequence[Invoice]:
        async with self.db.reading() as tx:
            return (await tx.scalars(select(Invoice).order_by(Invoice.id))).all()
