"""Clinics and what stands in them; a change of a clinic is told, its rooms and devices stay in booking."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Conflict, Refused
from contracts.booking import LocationChanged
from contracts.values import LegalEntityId, LocationId, Modality
from services.booking.places.depth import depth_bounds
from services.booking.record import Record


class CodeTaken(Conflict):
    """This code is in use already. Choose another one."""


class LegalEntityNameDiffers(Conflict):
    """Another location of this legal entity gives it another name. Use that one, or the id of another legal entity."""


class SerialTaken(Conflict):
    """A device with this serial number is registered already."""


class HoursNotValid(Refused):
    """Opening has to be before closing, on weekdays mon to sun and on days written as 2026-12-24."""


class HoursChanged(Conflict):
    """Somebody else changed the hours since you looked. Look at them as they are now, then save yours again.

    `opening` has them.
    """


class TooManyDays(Refused):
    """A location can have four hundred days with other hours. Change the hours of the week instead."""


class RoomKind(StrEnum):
    TREATMENT = "treatment"
    NUMBING_BAY = "numbing_bay"


class Location(Record):
    __tablename__ = "location"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    city: Mapped[str]
    zone: Mapped[str]
    legal_entity_id: Mapped[UUID]
    legal_entity_name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    opening: Mapped[dict[str, Any]]
    """Weekday → from and to, local: `{"mon": ["09:00", "18:00"]}`."""
    exceptions: Mapped[dict[str, Any]]
    """ISO day → from and to, or null for a day on which it stays closed."""
    active: Mapped[bool]

    def changed(self, *, at: datetime) -> LocationChanged:
        """Tell the public particulars as they are now."""
        self.version += 1
        return LocationChanged(
            version=self.version,
            at=at,
            location_id=LocationId(self.id),
            code=self.code,
            name=self.name,
            legal_entity_id=LegalEntityId(self.legal_entity_id),
            legal_entity_name=self.legal_entity_name,
            zone=self.zone,
            phone=self.phone,
            active=self.active,
        )


class Room(Record):
    """A treatment room or a numbing bay: one patient at a time."""

    __tablename__ = "room"

    id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"), index=True)
    name: Mapped[str]
    kind: Mapped[RoomKind]
    active: Mapped[bool]


class Device(Record):
    __tablename__ = "device"

    id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"), index=True)
    name: Mapped[str]
    serial: Mapped[str] = mapped_column(unique=True)
    modality: Mapped[Modality]
    serviced_until: Mapped[date]
    """Last day on which it may be used without another service (BK-11)."""
    depth_max_hundredths_mm: Mapped[int | None]
    """The maker's ceiling; for RF the only one (CL-12)."""
    active: Mapped[bool]

    def is_usable(self, modality: Modality, day: date) -> bool:
        """Whether it may be used for this kind of needling on that day (BK-11)."""
        return self.active and self.modality is modality and day <= self.serviced_until

    @property
    def depth_bounds(self) -> tuple[int, int]:
        """Least and greatest depth that a record of its use may hold."""
        return depth_bounds(self.modality, self.depth_max_hundredths_mm)
