"""Answers of services as the front end reads them, for tests of what it makes of them."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.message import Message
from contracts.envelope import Envelope
from web.clients.booking import Appointment, Day, Location, PatientName, Practitioner, Room, Slot
from web.clients.products import UsableLot

MONDAY = date(2026, 11, 23)
NEW_YORK = "America/New_York"


def at(hour: int, minute: int = 0, *, on: date = MONDAY) -> datetime:
    """Wall time at the location."""
    return datetime.combine(on, time(hour, minute))


def a_place(**given: Any) -> Location:
    return Location(
        **{
            "id": uuid4(),
            "code": "midtown",
            "name": "Midtown",
            "city": "New York",
            "zone": NEW_YORK,
            "legal_entity_id": uuid4(),
            "legal_entity_name": "Midtown PC",
            **given,
        }
    )


def a_practitioner(**given: Any) -> Practitioner:
    return Practitioner(**{"id": uuid4(), "name": "Ava Lindqvist", "credential": "NP", "initials": "AL", **given})


def a_room(**given: Any) -> Room:
    return Room(**{"id": uuid4(), "name": "Room 1", "kind": "treatment", **given})


def a_visit(start: datetime | None = None, *, minutes: int = 60, **given: Any) -> Appointment:
    """At ten, if nothing else is said."""
    start = start or at(10)
    place = a_place()
    end = start + timedelta(minutes=minutes)
    return Appointment(
        **{
            "id": uuid4(),
            "patient_id": uuid4(),
            "patient": PatientName(given_name="Nadia", family_name="Cruz"),
            "location_id": place.id,
            "treatment": "pen-face",
            "treatment_name": "Microneedling face",
            "modality": "pen",
            "practitioner_id": uuid4(),
            "practitioner_name": "Ava Lindqvist",
            "room_id": uuid4(),
            "room_name": "Room 1",
            "status": "booked",
            "version": 1,
            "local_start": start,
            "local_end": end,
            "starts_at": start.replace(tzinfo=place.tz),
            "ends_at": end.replace(tzinfo=place.tz),
            "zone": NEW_YORK,
            "next_actions": ("confirm", "check-in", "move", "cancel"),
            **given,
        }
    )


def a_day(*visits: Appointment, **given: Any) -> Day:
    return Day(
        **{
            "date": MONDAY,
            "zone": NEW_YORK,
            "utc_offset": "-05:00",
            "opening": (time(9), time(18)),
            "practitioners": (a_practitioner(),),
            "rooms": (a_room(),),
            "appointments": visits,
            **given,
        }
    )


def a_slot(start: datetime, place: Location, *, fold: int = 0) -> Slot:
    begins = start.replace(tzinfo=place.tz, fold=fold)
    return Slot(
        practitioner_id=uuid4(),
        room_id=uuid4(),
        local_start=start,
        starts_at=begins,
        ends_at=begins + timedelta(hours=1),
    )


def a_lot(number: str = "CA-1", **given: Any) -> UsableLot:
    return UsableLot(**{"lot_id": uuid4(), "lot_number": number, "expires_on": MONDAY, "on_hand": 10, **given})


def a_message(type_: str = "booking.appointment-confirmed", *, version: int = 2, **body: UUID) -> Message:
    """A fact on the bus, with these ids in its body."""
    aggregate_id = body.get("appointment_id", uuid4())
    envelope = Envelope(
        id=uuid4(),
        type=type_,
        source=f"/needlepoint/{type_.partition('.')[0]}",
        subject=f"appointment/{aggregate_id}",
        time=datetime(2026, 11, 23, 15).astimezone(),
        aggregate="appointment" if type_.startswith("booking.") else "entitlement",
        aggregateid=aggregate_id,
        aggregateversion=version,
        correlationid=uuid4(),
    )
    return Message(envelope, {name: str(value) for name, value in body.items()})
