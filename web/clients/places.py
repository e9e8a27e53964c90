"""What booking tells of a location to who manages it, and what may be changed: hours, rooms, devices."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from uuid import UUID

from pydantic import Field

from web.api import Api
from web.clients.booking import Device, Location, Room
from web.errors import NoSuchPlace

Hours = tuple[time, time]


class Particulars(Location):
    """A location with the days that differ from its week."""

    email: str | None = None
    exceptions: dict[date, Hours | None] = Field(default_factory=dict)

    def coming(self, today: date) -> list[tuple[date, Hours | None]]:
        """The days with other hours that are not over, the next one first."""
        return sorted((day, hours) for day, hours in self.exceptions.items() if day >= today)


async def particulars(api: Api, location_id: UUID) -> Particulars:
    """As it is at this moment: pages remember a location for a minute."""
    for each in await api.get("booking", "/locations", tuple[Particulars, ...]):
        if each.id == location_id:
            return each
    raise NoSuchPlace


async def open_location(api: Api, body: Mapping[str, Any], *, key: str) -> Location:
    """One more clinic, for owners of the whole chain."""
    return await api.post("booking", "/locations", body, Location, key=key)


async def open_weekly(
    api: Api, location_id: UUID, opening: Mapping[str, list[str]], *, replaces: Mapping[str, list[str]], key: str
) -> Location:
    """The hours of every week, unless they are no longer those that are to be replaced."""
    body = {"opening": opening, "replaces": replaces}
    return await api.put("booking", f"/locations/{location_id}/opening", body, Location, key=key)


async def except_day(api: Api, location_id: UUID, day: date, hours: list[str] | None, *, key: str) -> Location:
    """Other hours on one day; None: closed."""
    path = f"/locations/{location_id}/exceptions/{day.isoformat()}"
    return await api.put("booking", path, {"hours": hours}, Location, key=key)


async def withdraw_day(api: Api, location_id: UUID, day: date, *, key: str) -> None:
    """The hours of its weekday again."""
    await api.post(
        "booking", f"/locations/{location_id}/exceptions/{day.isoformat()}/withdraw", {}, type(None), key=key
    )


async def add_room(api: Api, body: Mapping[str, Any], *, key: str) -> Room:
    return await api.post("booking", "/rooms", body, Room, key=key)


async def add_device(api: Api, body: Mapping[str, Any], *, key: str) -> Device:
    return await api.post("booking", "/devices", body, Device, key=key)


async def service(api: Api, device_id: UUID, until: date, *, key: str) -> Device:
    """It was serviced, and may be used up to this day."""
    body = {"serviced_until": until.isoformat()}
    return await api.put("booking", f"/devices/{device_id}/service", body, Device, key=key)
