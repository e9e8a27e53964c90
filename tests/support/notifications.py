"""Facts about visits as booking tells them, and an address book that answers like booking does."""

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.clock import new_id
from chassis.context import Context
from chassis.message import Message
from contracts.billing import PackageSold, SessionRedeemed
from contracts.booking import AppointmentBooked, AppointmentFact, AppointmentStatus, LocationChanged, SessionCompleted
from contracts.envelope import Envelope, Fact
from contracts.values import EntitlementId, LegalEntityId, LocationId, Modality, Money, PackageId, PatientId
from services.notifications.messages.judging import Contact
from tests.support.house import NOON, House

NEW_YORK = "America/New_York"
Told = TypeVar("Told", bound=AppointmentFact)


def a_location(**changes: Any) -> LocationChanged:
    facts: dict[str, Any] = {
        "version": 1,
        "at": NOON,
        "location_id": new_id(),
        "code": "hudson",
        "name": "Hudson Yards Clinic",
        "legal_entity_id": new_id(),
        "legal_entity_name": "Hudson LLC",
        "zone": NEW_YORK,
        "phone": "+1 212 555 0100",
        "active": True,
    }
    return LocationChanged(**facts | changes)


def a_booking(place: LocationChanged | None = None, **changes: Any) -> AppointmentBooked:
    """A visit at 10:00 ten days after NOON, just booked."""
    zone = place.zone if place else NEW_YORK
    local = changes.pop("local_start", datetime(2026, 12, 3, 10, 0))  # noqa: DTZ001 - wall time
    starts_at = local.replace(tzinfo=ZoneInfo(zone))
    facts: dict[str, Any] = {
        "version": 1,
        "at": NOON,
        "appointment_id": new_id(),
        "patient_id": new_id(),
        "location_id": place.location_id if place else new_id(),
        "legal_entity_id": new_id(),
        "treatment": "pen-face",
        "modality": Modality.PEN,
        "practitioner_id": new_id(),
        "room_id": new_id(),
        "status": AppointmentStatus.BOOKED,
        "sequence": 0,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=90),
        "local_start": local,
        "zone": zone,
    }
    return AppointmentBooked(**facts | changes)


def then(before: AppointmentFact, kind: type[Told], status: AppointmentStatus, *, at: datetime, **changes: Any) -> Told:
    """The next fact about the same visit."""
    state = {name: getattr(before, name) for name in AppointmentFact.model_fields}
    return kind(**state | {"version": before.version + 1, "at": at, "status": status} | changes)


def completed(before: AppointmentFact, **changes: Any) -> SessionCompleted:
    """The session took place as planned."""
    done = before.ends_at.astimezone(ZoneInfo(before.zone))
    facts: dict[str, Any] = {
        "at": before.ends_at,
        "started_at": before.starts_at,
        "completed_at": before.ends_at,
        "performed_on": done.date(),
        "consumption": (),
    }
    return then(before, SessionCompleted, AppointmentStatus.COMPLETED, **facts | changes)


def a_package(
    visit: AppointmentFact, *, sessions: int, at: datetime = NOON, expires_on: date | None = None
) -> PackageSold:
    return PackageSold(
        version=1,
        at=at,
        package_id=PackageId(new_id()),
        patient_id=visit.patient_id,
        location_id=visit.location_id,
        legal_entity_id=visit.legal_entity_id,
        treatment=visit.treatment,
        sessions=sessions,
        price=Money(minor=59900 * sessions),
        expires_on=expires_on,
    )


def redeemed(package: PackageSold, visit: AppointmentFact, *, remaining: int) -> SessionRedeemed:
    return SessionRedeemed(
        version=2,
        at=visit.at,
        entitlement_id=EntitlementId(new_id()),
        package_id=package.package_id,
        patient_id=PatientId(package.patient_id),
        appointment_id=visit.appointment_id,
        amount=Money(minor=59900),
        remaining=remaining,
        performed_at=LocationId(visit.location_id),
        selling_entity_id=LegalEntityId(package.legal_entity_id),
        performing_entity_id=LegalEntityId(visit.legal_entity_id),
    )


def message_of(fact: Fact, *, cause: Message | None = None) -> Message:
    """The fact as a carrier hands it over; the same fact makes another message each time."""
    envelope = Envelope(
        id=new_id(),
        type=fact.type,
        source=f"/needlepoint/{fact.topic()}",
        subject=f"{fact.aggregate}/{fact.aggregate_id}",
        time=fact.at,
        aggregate=fact.aggregate,
        aggregateid=fact.aggregate_id,
        aggregateversion=fact.version,
        correlationid=cause.envelope.correlationid if cause else new_id(),
        causationid=cause.id if cause else None,
    )
    return Message(envelope, fact.model_dump(mode="json"))


async def tell(house: House, service: str, *facts: Fact) -> list[Message]:
    """Deliver these facts to a service as one batch, in this order."""
    messages = [message_of(fact) for fact in facts]
    await house.running[service].consumer.handle(messages)
    return messages


class AddressBook:
    """Contact details as booking would answer them, for a house in which booking does not live."""

    def __init__(self) -> None:
        self.entries: dict[UUID, Contact | None] = {}
        self.asked: list[UUID] = []

    def enter(self, patient_id: UUID, **changes: Any) -> None:
        entry = {"given_name": "Ada", "email": "ada@example.com", "zone": NEW_YORK}
        self.entries[patient_id] = Contact(**entry | changes)

    async def __call__(self, _: Context, patient_ids: Iterable[UUID]) -> Mapping[UUID, Contact | None]:
        wanted = list(patient_ids)
        self.asked += wanted
        return {each: self.entries.get(each) for each in wanted}


async def run(house: House, timer: str, service: str = "notifications") -> int:
    """One tick of a timer of a service."""
    running = house.running[service]
    work = {each.name: each.do for each in running.service.timers}[timer]
    return await work(running.context)


def in_every_order(facts: Sequence[Fact], seed: int) -> list[Fact]:
    """Each fact three times, shuffled."""
    mixed = [*facts, *facts, *facts]
    random.Random(seed).shuffle(mixed)
    return mixed
