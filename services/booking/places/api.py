"""HTTP door to clinics: where they are, when they are open, and what stands in them."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, EmailStr, Field
from sqlalchemy import select

from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.errors import Forbidden, NotFound
from chassis.examples import EXAMPLE_ID
from chassis.fields import DAY, AsNumber, Day, Line
from chassis.http import Db, refuses, router
from chassis.zones import UnknownZone
from contracts.identity import EVERYBODY, MANAGEMENT, Role
from contracts.values import Modality
from services.booking.places import usecases
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
from services.booking.practitioners import queries as practitioners
from services.booking.schedule.hours import WEEKDAYS
from services.booking.words import Code, TimeOfDay

api = router("", tag="places")
Anyone = Annotated[Scope, require(*EVERYBODY)]
Manager = Annotated[Scope, require(*MANAGEMENT)]
Owner = Annotated[Scope, require(Role.OWNER)]

OpeningHours = Annotated[tuple[TimeOfDay, TimeOfDay], Field(examples=[["09:00", "18:00"]])]
Week = Annotated[
    dict[str, OpeningHours],
    Field(
        max_length=7,
        examples=[{"mon": ["09:00", "18:00"], "sat": ["10:00", "16:00"]}],
        json_schema_extra={"propertyNames": {"enum": list(WEEKDAYS)}},
    ),
]


class LocationIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Code = Field(examples=["soho"])
    name: Line = Field(examples=["Needlepoint SoHo"])
    city: Line = Field(examples=["New York"])
    zone: Line = Field(examples=["America/New_York"], description="IANA time zone; decides every local time here.")
    legal_entity_id: UUID = Field(examples=[EXAMPLE_ID])
    legal_entity_name: Line = Field(examples=["Needlepoint New York PLLC"])
    phone: Line | None = Field(default=None, examples=["+12125550142"])
    email: EmailStr | None = Field(default=None, examples=["soho@example.com"])
    opening: Week = Field(description="From and to by weekday, local; a day that is not there is closed.")
    exceptions: dict[str, OpeningHours | None] = Field(
        default_factory=dict,
        max_length=usecases.EXCEPTIONS_MAX,
        description="Days with other hours.",
        examples=[{"2026-12-25": None}],
        json_schema_extra={"propertyNames": {"format": "date", "pattern": f"^{DAY}$"}},
    )


class LocationOut(BaseModel):
    id: UUID
    code: str
    name: str
    city: str
    zone: str
    legal_entity_id: UUID
    legal_entity_name: str
    phone: str | None
    email: str | None
    opening: dict[str, Any]
    exceptions: dict[str, Any]
    active: bool

    @classmethod
    def of(cls, location: Location) -> Self:
        return cls.model_validate(location, from_attributes=True)


class OpeningIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    opening: Week = Field(description="From and to by weekday, local; a day that is not there is closed.")
    replaces: Week | None = Field(
        default=None, description="The hours as you saw them; where they are others by now, nothing is changed."
    )


class ServiceIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    serviced_until: Day = Field(examples=["2027-06-30"], description="Last day of use before the next service.")


class ExceptionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    hours: OpeningHours | None = Field(description="Null: closed.")


class RoomIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    location_id: UUID = Field(examples=[EXAMPLE_ID])
    name: Line = Field(examples=["Room 1"])
    kind: RoomKind = RoomKind.TREATMENT


class RoomOut(BaseModel):
    id: UUID
    name: str
    kind: RoomKind


class DeviceIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    location_id: UUID = Field(examples=[EXAMPLE_ID])
    name: Line = Field(examples=["Pen 2"])
    serial: Line = Field(examples=["SP-004417"])
    modality: Modality
    serviced_until: Day = Field(examples=["2027-06-30"], description="Last day of use before the next service.")
    depth_max_hundredths_mm: Annotated[int, Field(ge=10, le=1000), AsNumber] | None = Field(
        default=None, examples=[250]
    )


class DeviceOut(BaseModel):
    id: UUID
    name: str
    serial: str
    modality: Modality
    serviced_until: date
    depth_min_hundredths_mm: int = Field(description="What a treatment record may say at least.", examples=[10])
    depth_max_hundredths_mm: int = Field(description="And at most: of the device, or its modality.", examples=[250])

    @classmethod
    def of(cls, device: Device) -> Self:
        least, most = device.depth_bounds
        return cls(
            id=device.id,
            name=device.name,
            serial=device.serial,
            modality=device.modality,
            serviced_until=device.serviced_until,
            depth_min_hundredths_mm=least,
            depth_max_hundredths_mm=most,
        )


class ShiftOut(BaseModel):
    """Working hours, every week on `weekday` (0 is Monday) or on one `day`."""

    weekday: int | None
    day: date | None
    starts: str
    ends: str
    from_on: date | None
    until_on: date | None


class HeldHere(BaseModel):
    """May needle in this way here, up to a day."""

    modality: Modality
    valid_until: date


class PractitionerHere(BaseModel):
    id: UUID
    name: str
    initials: str
    credential: str
    shifts: list[ShiftOut]
    credentials: list[HeldHere]

    @classmethod
    def of(cls, here: practitioners.Here) -> Self:
        person = here.practitioner
        return cls(
            id=person.id,
            name=person.name,
            initials=person.initials,
            credential=person.credential,
            shifts=[_shift(shift) for shift in here.shifts],
            credentials=[HeldHere.model_validate(each, from_attributes=True) for each in here.credentials],
        )


class ResourcesOut(BaseModel):
    practitioners: list[PractitionerHere]
    rooms: list[RoomOut]
    devices: list[DeviceOut]


@api.get("/locations")
async def locations(db: Db, scope: Anyone) -> list[LocationOut]:
    """The locations you work at."""
    async with db.reading() as tx:
        found = await tx.scalars(select(Location).where(scope.within(Location.id)).order_by(Location.name))
        return [LocationOut.of(each) for each in found]


@api.post(
    "/locations", status_code=201, responses=refuses(CodeTaken, LegalEntityNameDiffers, UnknownZone, HoursNotValid)
)
async def register(body: LocationIn, command: Commanded, scope: Owner) -> LocationOut:
    """Open a clinic; for owners of the whole chain, because it may belong to any of its legal entities."""
    if scope.places is not None:
        raise Forbidden
    async with command.transaction() as tx:
        new = usecases.NewLocation(**dict(body))
        location = await usecases.register_location(tx, new, at=command.context.clock.now())
        return command.answer(LocationOut.of(location), status=201)


@api.put("/locations/{location_id}/opening", responses=refuses(HoursNotValid, HoursChanged, NotFound))
async def open_weekly(location_id: UUID, body: OpeningIn, command: Commanded, scope: Manager) -> LocationOut:
    """Open at these hours every week, from now on."""
    scope.must_cover(location_id)
    async with command.transaction() as tx:
        location = await usecases.open_weekly(tx, location_id, body.opening, replaces=body.replaces)
        return command.answer(LocationOut.of(location))


@api.put("/locations/{location_id}/exceptions/{day}", responses=refuses(HoursNotValid, TooManyDays, NotFound))
async def except_day(
    location_id: UUID, day: Annotated[Day, Path()], *, body: ExceptionIn, command: Commanded, scope: Manager
) -> LocationOut:
    """Other hours on one day, such as a holiday."""
    scope.must_cover(location_id)
    async with command.transaction() as tx:
        location = await usecases.except_day(tx, location_id, day, body.hours, at=command.context.clock.now())
        return command.answer(LocationOut.of(location))


@api.post("/locations/{location_id}/exceptions/{day}/withdraw", status_code=204, responses=refuses(NotFound))
async def withdraw_day(location_id: UUID, day: Annotated[Day, Path()], *, command: Commanded, scope: Manager) -> None:
    """Open on that day as on its weekday after all."""
    scope.must_cover(location_id)
    async with command.transaction() as tx:
        await usecases.withdraw_day(tx, location_id, day)


@api.get("/locations/{location_id}/resources", responses=refuses(NotFound))
async def resources(location_id: UUID, db: Db, scope: Anyone) -> ResourcesOut:
    """Who works here, and which rooms, bays and devices there are."""
    scope.must_cover(location_id)
    async with db.reading() as tx:
        if await tx.get(Location, location_id) is None:
            raise NotFound(kind="location", id=str(location_id))
        rooms = await tx.scalars(select(Room).where(Room.location_id == location_id, Room.active).order_by(Room.name))
        devices = await tx.scalars(
            select(Device).where(Device.location_id == location_id, Device.active).order_by(Device.name)
        )
        return ResourcesOut(
            practitioners=[PractitionerHere.of(each) for each in await practitioners.at_location(tx, location_id)],
            rooms=[RoomOut.model_validate(each, from_attributes=True) for each in rooms],
            devices=[DeviceOut.of(each) for each in devices],
        )


@api.post("/rooms", status_code=201, responses=refuses(NotFound))
async def add_room(body: RoomIn, command: Commanded, scope: Manager) -> RoomOut:
    """Add a treatment room or a numbing bay."""
    scope.must_cover(body.location_id)
    async with command.transaction() as tx:
        room = await usecases.add_room(tx, body.location_id, name=body.name, kind=body.kind)
        return command.answer(RoomOut.model_validate(room, from_attributes=True), status=201)


@api.post("/devices", status_code=201, responses=refuses(SerialTaken, NotFound))
async def add_device(body: DeviceIn, command: Commanded, scope: Manager) -> DeviceOut:
    """Add a device."""
    scope.must_cover(body.location_id)
    async with command.transaction() as tx:
        device = await usecases.add_device(tx, usecases.NewDevice(**dict(body)))
        return command.answer(DeviceOut.of(device), status=201)


@api.put("/devices/{device_id}/service", responses=refuses(NotFound))
async def service(device_id: UUID, body: ServiceIn, command: Commanded, scope: Manager) -> DeviceOut:
    """Tell that a device was serviced, and up to which day it may be used now."""
    async with command.transaction() as tx:
        mine = scope.within(Device.location_id)
        device = await usecases.service_device(tx, device_id, location_ids=mine, until=body.serviced_until)
        return command.answer(DeviceOut.of(device))


def _shift(shift: Any) -> ShiftOut:
    return ShiftOut(
        weekday=shift.weekday,
        day=shift.day,
        starts=f"{shift.starts:%H:%M}",
        ends=f"{shift.ends:%H:%M}",
        from_on=shift.from_on,
        until_on=shift.until_on,
    )
