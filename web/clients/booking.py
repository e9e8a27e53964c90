"""What booking tells: places, the day's grid, appointments, patients, and what may be done with them."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from chassis.zones import zone_named
from web.api import Api
from web.clients.shape import Shape

OVER = frozenset({"cancelled_by_patient", "cancelled_by_clinic", "late_cancel", "aborted_medical"})
"""Statuses of appointments that no longer take up anybody's time."""
NUMBING_MAX = timedelta(minutes=60)
"""A numbing cream that is on for longer is an alert (CL-09)."""
AWAITED = frozenset({"booked", "confirmed"})
"""Statuses of appointments whose patient has not come yet."""


class Location(Shape):
    id: UUID
    code: str
    name: str
    city: str
    zone: str
    legal_entity_id: UUID
    legal_entity_name: str
    phone: str | None = None
    opening: dict[str, tuple[time, time] | None] = Field(default_factory=dict)
    active: bool = True

    @property
    def tz(self) -> ZoneInfo:
        return zone_named(self.zone)

    def today(self, now: datetime) -> date:
        """The date on the wall calendar of this location."""
        return now.astimezone(self.tz).date()


class Segment(Shape):
    """One part of a visit, in the order of the visit."""

    kind: str
    minutes: int
    elsewhere: bool = False
    """Not in the treatment room: the room is free meanwhile."""


class Treatment(Shape):
    id: UUID
    version: int
    code: str
    name: str
    modality: str
    duration_minutes: int
    segments: tuple[Segment, ...] = ()
    uses_device: bool = True
    device_turnaround_minutes: int = 5
    colour: str | None = None
    active: bool = True

    @property
    def needles(self) -> bool:
        return self.modality != "none"

    @property
    def numbs(self) -> bool:
        return any(segment.kind == "numbing" for segment in self.segments)

    @property
    def numbs_in_room(self) -> bool:
        return any(segment.kind == "numbing" and not segment.elsewhere for segment in self.segments)

    @property
    def minutes(self) -> dict[str, int]:
        """How long each part takes; parts that it does not have are missing."""
        return {segment.kind: segment.minutes for segment in self.segments}

    @property
    def minutes_before_room(self) -> int:
        """From the start until the room is taken: waiting and numbing elsewhere (BK-07)."""
        last = max((at for at, each in enumerate(self.segments, 1) if each.elsewhere), default=0)
        return sum(each.minutes for each in self.segments[:last])

    @property
    def minutes_of_cleaning(self) -> int:
        """For which the room stays taken after the patient has left (BK-08)."""
        return sum(each.minutes for each in self.segments if each.kind == "cleaning")


class Practitioner(Shape):
    id: UUID
    name: str
    credential: str | None = None
    initials: str
    off: tuple[tuple[datetime, datetime], ...] = ()
    """Local times of the day at which they don't work."""


class Room(Shape):
    id: UUID
    name: str
    kind: str | None = None

    @property
    def is_column(self) -> bool:
        """Visits take place in it; a place for numbing is only passed through."""
        return self.kind != "numbing_bay"

    @property
    def mark(self) -> str:
        """A short sign for the head of its column: the number in `Room 3`, else the first letter."""
        digits = "".join(letter for letter in self.name if letter.isdigit())
        return digits or self.name[:1].upper()


class Device(Shape):
    id: UUID
    name: str
    serial: str
    modality: str
    serviced_until: date | None = None
    depth_max_hundredths_mm: int | None = None
    """The deepest that a treatment record with it may say."""


class Resources(Shape):
    practitioners: tuple[Practitioner, ...]
    rooms: tuple[Room, ...]
    devices: tuple[Device, ...]


class PatientName(Shape):
    given_name: str
    family_name: str

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Patient(PatientName):
    id: UUID
    email: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    zone: str | None = None
    language: str | None = None
    accepts_email: bool = True
    home_location_id: UUID
    version: int = 1


class Appointment(Shape):
    id: UUID
    patient_id: UUID
    patient: PatientName
    location_id: UUID
    treatment: str
    treatment_name: str
    modality: str
    practitioner_id: UUID
    practitioner_name: str
    room_id: UUID
    room_name: str
    device_id: UUID | None = None
    status: str
    version: int
    local_start: datetime
    local_end: datetime
    starts_at: datetime
    ends_at: datetime
    zone: str
    numbing_at: datetime | None = None
    numbing_off_at: datetime | None = None
    started_at: datetime | None = None
    next_actions: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    note: str | None = None

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def is_awaited(self) -> bool:
        return self.status in AWAITED

    def is_numbed_too_long(self, now: datetime) -> bool:
        """The cream is on for over an hour: the needling begins only once it is said to be off (CL-09)."""
        return self.status == "numbing" and self.numbing_at is not None and now - self.numbing_at > NUMBING_MAX

    def is_late(self, now: datetime) -> bool:
        """The start is past, and nobody has checked the patient in."""
        return self.is_awaited and self.starts_at < now

    @property
    def minutes(self) -> int:
        return round((self.ends_at - self.starts_at).total_seconds() / 60)


class Day(Shape):
    """Everything the day page draws, from one question."""

    date: date
    zone: str
    utc_offset: str
    opening: tuple[time, time] | None = None
    practitioners: tuple[Practitioner, ...]
    rooms: tuple[Room, ...]
    appointments: tuple[Appointment, ...]


class Slot(Shape):
    practitioner_id: UUID
    practitioner_ids: tuple[UUID, ...] = ()
    """Everyone who is free then."""
    room_id: UUID
    device_id: UUID | None = None
    local_start: datetime
    starts_at: datetime
    ends_at: datetime


class Listed(Shape):
    """One page of patients."""

    items: tuple[Patient, ...]
    next_cursor: str | None = None


async def locations(api: Api) -> tuple[Location, ...]:
    """Where this person may work."""
    return await api.get("booking", "/locations", tuple[Location, ...])


async def treatments(api: Api) -> tuple[Treatment, ...]:
    """All that ever were on offer: what took place keeps its name."""
    return await api.get("booking", "/treatments", tuple[Treatment, ...], withdrawn=True)


async def offered(api: Api) -> tuple[Treatment, ...]:
    """What can be booked and sold."""
    return tuple(each for each in await treatments(api) if each.active)


async def resources(api: Api, location_id: UUID) -> Resources:
    return await api.get("booking", f"/locations/{location_id}/resources", Resources)


async def day(api: Api, location_id: UUID, on: date) -> Day:
    return await api.get("booking", f"/locations/{location_id}/day", Day, date=on.isoformat())


async def appointment(api: Api, appointment_id: UUID) -> Appointment:
    return await api.get("booking", f"/appointments/{appointment_id}", Appointment)


async def patient(api: Api, patient_id: UUID) -> Patient:
    return await api.get("booking", f"/patients/{patient_id}", Patient)


async def patients(api: Api, q: str, *, limit: int = 8) -> Sequence[Patient]:
    """Patients by part of a name, phone number or e-mail, best match first."""
    return (await api.get("booking", "/patients", Listed, q=q, limit=limit)).items


async def slots(
    api: Api,
    location_id: UUID,
    treatment: str,
    *,
    on: date,
    practitioner_id: UUID | None = None,
    moving: UUID | None = None,
) -> tuple[Slot, ...]:
    """Free starts on one day; of a visit that is to be moved, what it occupies now counts as free."""
    return await api.get(
        "booking",
        "/slots",
        tuple[Slot, ...],
        location_id=location_id,
        treatment=treatment,
        practitioner_id=practitioner_id,
        moving=moving,
        **{"from": on.isoformat(), "to": on.isoformat()},
    )


async def act(api: Api, appointment_id: UUID, action: str, body: dict[str, Any], *, key: str) -> Appointment:
    """`check-in`, `move`, `cancel` and the like; answers with the appointment as it is afterwards."""
    return await api.post("booking", f"/appointments/{appointment_id}/{action}", body, Appointment, key=key)
