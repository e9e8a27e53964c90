"""What identity tells a manager of those who work at their locations, and what may be done with their accounts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.identity import Role
from web.api import Api
from web.clients.identity import Grant, Staff
from web.clients.shape import Shape

PAGE_ROWS = 500
"""Asked for in one question; a chain has a few hundred members of staff."""


class Held(Grant):
    """A role that somebody holds, by the id it can be taken away with."""

    id: UUID


class Member(Staff):
    """Somebody who works here, with the roles that the one who asks may know of."""

    active: bool
    grants: tuple[Held, ...]


class _Page(Shape):
    items: tuple[Member, ...]
    next_cursor: str | None = None


async def members(api: Api) -> list[Member]:
    """Everybody at the locations this manager runs, by name."""
    found: list[Member] = []
    cursor: str | None = None
    while True:
        page = await api.get("identity", "/staff", _Page, limit=PAGE_ROWS, cursor=cursor)
        found.extend(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found


async def member(api: Api, staff_id: UUID) -> Member:
    return await api.get("identity", f"/staff/{staff_id}", Member)


async def enrol(api: Api, body: Mapping[str, Any], *, key: str) -> Member:
    """Somebody begins to work here, without any role yet."""
    return await api.post("identity", "/staff", body, Member, key=key)


async def give(api: Api, staff_id: UUID, role: Role, location_id: UUID | None, *, key: str) -> Held:
    """A role at a location, or at all of them."""
    body = {"role": role, "location_id": str(location_id) if location_id else None}
    return await api.post("identity", f"/staff/{staff_id}/grants", body, Held, key=key)


async def take(api: Api, staff_id: UUID, grant_id: UUID, *, key: str) -> None:
    """Take a role away."""
    await api.post("identity", f"/staff/{staff_id}/grants/{grant_id}/revoke", {}, type(None), key=key)


async def disable(api: Api, staff_id: UUID, *, key: str) -> Member:
    """They no longer work here."""
    return await api.post("identity", f"/staff/{staff_id}/disable", {}, Member, key=key)


async def enable(api: Api, staff_id: UUID, *, key: str) -> Member:
    """They work here again."""
    return await api.post("identity", f"/staff/{staff_id}/enable", {}, Member, key=key)


async def set_password(api: Api, staff_id: UUID, password: str, *, key: str) -> None:
    """For somebody who forgot theirs."""
    await api.post("identity", f"/staff/{staff_id}/password", {"password": password}, type(None), key=key)


async def change_own_password(api: Api, current: str, new: str, *, key: str, address: str) -> None:
    """For oneself; every session ends, also the one that asks."""
    await api.prove("/me/password", {"current_password": current, "new_password": new}, key=key, address=address)
