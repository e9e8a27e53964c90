"""Opening a clinic, and putting rooms and devices into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError

from chassis.clock import new_id
from chassis.db import Tx, one, violated
from chassis.errors import NotFound
from chassis.outbox import emit
from chassis.zones import zone_named
from contracts.values import Modality
from services.booking.places.model import (
    CodeTaken,
    Device,
    HoursChanged,
    HoursNotValid,
    LegalEntityNameDiffers,
    Location,
    Room,
    RoomKind,
    SerialTaken,
    TooManyDays,
)
from services.booking.schedule.hours import WEEKDAYS, minutes_of
from services.booking.schedule.segments import ResourceKind
from services.booking.schedule.usecases import add_resource

HoursOfDay = tuple[str, str]


EXCEPTIONS_MAX = 400
"""Days with other hours: they come along whenever a location is looked at."""
FORGOTTEN_AFTER = timedelta(days=60)
LEGAL_ENTITY = 0x4C45
"""Seed of the advisory locks on legal entities, so that they meet no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLocation:
    code: str
    name: str
    city: str
    zone: str
    legal_entity_id: UUID
    legal_entity_name: str
    opening: Mapping[str, HoursOfDay]
    exceptions: Mapping[str, HoursOfDay | None] = field(default_factory=dict)
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    location_id: UUID
    name: str
    serial: str
    modality: Modality
    serviced_until: date
    depth_max_hundredths_mm: int | None = None


async def register_location(tx: Tx, new: NewLocation, *, at: datetime) -> Location:
    """Open a clinic; its zone decides every local time in it (BK-01).

    `LegalEntityNameDiffers` unless its legal entity is called as at its other locations.
    """
    zone_named(new.zone)
    _must_be_valid(new.opening, new.exceptions)
    await _must_be_called_so(tx, new.legal_entity_id, new.legal_entity_name)
    location = Location(
        id=new_id(),
        version=0,
        code=new.code,
        name=new.name,
        city=new.city,
        zone=new.zone,
        legal_entity_id=new.legal_entity_id,
        legal_entity_name=new.legal_entity_name,
        phone=new.phone,
        email=new.email,
        opening=_stored(new.opening),
        exceptions=_stored(new.exceptions),
        active=True,
    )
    tx.add(location)
    emit(tx, location.changed(at=at))
    try:
        await tx.flush()
    except IntegrityError as error:
        if violated(error) == "uq_location_code":
            raise CodeTaken(taken=new.code) from error
        raise
    return location


async def open_weekly(
    tx: Tx, location_id: UUID, opening: Mapping[str, HoursOfDay], *, replaces: Mapping[str, HoursOfDay] | None = None
) -> Location:
    """Other hours from now on, every week; visits that are booked already stay where they are.

    `HoursChanged` where the hours are not those that are to be replaced.
    """
    location = await one(tx, Location, location_id, lock=True)
    _must_be_valid(opening, {})
    if replaces is not None and location.opening != _stored(replaces):
        raise HoursChanged(opening=location.opening)
    location.opening = _stored(opening)
    return location


async def service_device(tx: Tx, device_id: UUID, *, location_ids: ColumnElement[bool], until: date) -> Device:
    """A device was serviced: it may be used up to another day (BK-11)."""
    found = await tx.scalars(select(Device).where(Device.id == device_id, location_ids).with_for_update())
    device = found.one_or_none()
    if device is None:
        raise NotFound(kind="device", id=str(device_id))
    device.serviced_until = until
    return device


async def except_day(tx: Tx, location_id: UUID, day: date, hours: HoursOfDay | None, *, at: datetime) -> Location:
    """Other hours than usual on one day, or none at all; visits that are booked already stay where they are.

    Days that are long over are forgotten. `TooManyDays` when there are more to come than anybody plans.
    """
    location = await one(tx, Location, location_id, lock=True)
    exceptions = {day.isoformat(): hours}
    _must_be_valid({}, exceptions)
    oldest = (at.date() - FORGOTTEN_AFTER).isoformat()
    known = {each: other for each, other in location.exceptions.items() if each >= oldest} | _stored(exceptions)
    if len(known) > EXCEPTIONS_MAX:
        raise TooManyDays
    location.exceptions = known
    return location


async def withdraw_day(tx: Tx, location_id: UUID, day: date) -> None:
    """Open on that day as on its weekday after all; no harm where it never differed."""
    location = await one(tx, Location, location_id, lock=True)
    location.exceptions = {each: hours for each, hours in location.exceptions.items() if each != day.isoformat()}


async def add_room(tx: Tx, location_id: UUID, *, name: str, kind: RoomKind = RoomKind.TREATMENT) -> Room:
    """A treatment room, or a bay where cream takes effect (BK-07)."""
    await one(tx, Location, location_id)
    room = Room(id=new_id(), location_id=location_id, name=name, kind=kind, active=True)
    await add_resource(tx, room.id, ResourceKind.ROOM if kind is RoomKind.TREATMENT else ResourceKind.NUMBING_BAY)
    tx.add(room)
    await tx.flush()
    return room


async def add_device(tx: Tx, new: NewDevice) -> Device:
    """A device stands at one location and may be used up to the day its service runs out (BK-11)."""
    await one(tx, Location, new.location_id)
    device = Device(
        id=new_id(),
        location_id=new.location_id,
        name=new.name,
        serial=new.serial,
        modality=new.modality,
        serviced_until=new.serviced_until,
        depth_max_hundredths_mm=new.depth_max_hundredths_mm,
        active=True,
    )
    await add_resource(tx, device.id, ResourceKind.DEVICE)
    tx.add(device)
    try:
        await tx.flush()
    except IntegrityError as error:
        if violated(error) == "uq_device_serial":
            raise SerialTaken(serial=new.serial) from error
        raise
    return device


async def _must_be_called_so(tx: Tx, legal_entity_id: UUID, name: str) -> None:
    """Its books have one heading, wherever it has clinics; two that open at once wait for each other."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(legal_entity_id), LEGAL_ENTITY))))
    known = await tx.scalar(
        select(Location.legal_entity_name).where(Location.legal_entity_id == legal_entity_id).limit(1)
    )
    if known not in (None, name):
        raise LegalEntityNameDiffers(legal_entity_name=known)


def _must_be_valid(opening: Mapping[str, HoursOfDay], exceptions: Mapping[str, HoursOfDay | None]) -> None:
    for weekday, hours in opening.items():
        if weekday not in WEEKDAYS or minutes_of(hours[0]) >= minutes_of(hours[1]):
            raise HoursNotValid(day=weekday)
    for day, other in exceptions.items():
        try:
            iso = date.fromisoformat(day).isoformat()
        except ValueError as error:
            raise HoursNotValid(day=day) from error
        if iso != day or (other is not None and minutes_of(other[0]) >= minutes_of(other[1])):
            raise HoursNotValid(day=day)


def _stored(hours: Mapping[str, HoursOfDay | None]) -> dict[str, list[str] | None]:
    return {day: list(each) if each else None for day, each in hours.items()}
