"""What booking tells of those who treat: where and when they work, when they are away, and what they may do."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from uuid import UUID

from web.api import Api
from web.clients.booking import Device, Room
from web.clients.shape import Shape


class Shift(Shape):
    """Working hours: every week on a weekday (0 is Monday), or on one day."""

    id: UUID | None = None
    location_id: UUID | None = None
    weekday: int | None
    day: date | None
    starts: time
    ends: time
    from_on: date | None = None
    until_on: date | None = None


class Absence(Shape):
    """Away on a day; all of it where there are no times."""

    id: UUID
    day: date
    starts: time | None
    ends: time | None


class Credential(Shape):
    """May needle in this way at a location, up to a day."""

    location_id: UUID
    modality: str
    valid_until: date


class Named(Shape):
    """Somebody who treats."""

    id: UUID
    name: str
    initials: str
    credential: str


class Held(Shape):
    """May needle in this way, up to a day."""

    modality: str
    valid_until: date


class AtWork(Named):
    """Somebody who treats at a location, with their shifts and credentials there."""

    shifts: tuple[Shift, ...]
    credentials: tuple[Held, ...] = ()

    def works_on(self, weekday: int, today: date) -> list[Shift]:
        """The weekly shifts of a weekday that are not over."""
        return [each for each in self.shifts if each.weekday == weekday and (each.until_on or today) >= today]


class Working(Named):
    """All that is planned of somebody at the locations of the one who asks."""

    location_ids: tuple[UUID, ...]
    shifts: tuple[Shift, ...]
    absences: tuple[Absence, ...]
    credentials: tuple[Credential, ...]


class Equipped(Shape):
    """What a visit at a location can be made of: who treats, where, and with which devices."""

    practitioners: tuple[AtWork, ...]
    rooms: tuple[Room, ...] = ()
    devices: tuple[Device, ...] = ()


async def equipped(api: Api, location_id: UUID) -> Equipped:
    return await api.get("booking", f"/locations/{location_id}/resources", Equipped)


async def at_location(api: Api, location_id: UUID) -> tuple[AtWork, ...]:
    """Who treats at a location, by name."""
    return (await equipped(api, location_id)).practitioners


async def working(api: Api, practitioner_id: UUID) -> Working:
    return await api.get("booking", f"/practitioners/{practitioner_id}", Working)


async def add(api: Api, body: Mapping[str, Any], *, key: str) -> Named:
    """Take somebody on."""
    return await api.post("booking", "/practitioners", body, Named, key=key)


async def plan(api: Api, practitioner_id: UUID, what: str, body: Mapping[str, Any], *, key: str) -> None:
    """`shifts`, `absences`, or the end of a shift: `shifts/…/end`."""
    await api.post("booking", f"/practitioners/{practitioner_id}/{what}", body, dict[str, Any], key=key)


async def withdraw(api: Api, practitioner_id: UUID, absence_id: UUID, *, key: str) -> None:
    """They are there after all."""
    path = f"/practitioners/{practitioner_id}/absences/{absence_id}/withdraw"
    await api.post("booking", path, {}, type(None), key=key)


async def certify(api: Api, practitioner_id: UUID, body: Mapping[str, Any], *, key: str) -> Credential:
    """Up to which day somebody may needle in a way at a location."""
    return await api.put("booking", f"/practitioners/{practitioner_id}/credentials", body, Credential, key=key)
