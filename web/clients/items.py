"""What inventory is told of its catalogue: items with their packs, and what a session of each treatment uses."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from contracts.values import BaseUnit
from web.api import Api
from web.clients.shape import Shape
from web.clients.stock import Item


class Material(Shape):
    """So much of an item that one session uses, in its base unit."""

    item_id: UUID
    code: str
    name: str
    unit: BaseUnit
    quantity: int


class Usage(Shape):
    """What a session of a treatment uses when nothing is written down (IV-04)."""

    treatment: str
    treatment_name: str | None = None
    lines: tuple[Material, ...]

    @property
    def title(self) -> str:
        """Its code while inventory has not heard of it yet."""
        return self.treatment_name or self.treatment


class Kept(Item):
    """An item with the version that it has now."""

    version: int


async def item(api: Api, item_id: UUID) -> Kept:
    return await api.get("inventory", f"/items/{item_id}", Kept)


async def add(api: Api, body: Mapping[str, Any], *, key: str) -> Kept:
    """One more item, at all locations."""
    return await api.post("inventory", "/items", body, Kept, key=key)


async def revise(api: Api, item_id: UUID, body: Mapping[str, Any], *, key: str) -> Kept:
    """Another name, other packs, or no longer used; refused for who has seen another version."""
    return await api.put("inventory", f"/items/{item_id}", body, Kept, key=key)


async def usages(api: Api) -> tuple[Usage, ...]:
    """Every treatment on offer, also one that uses nothing, by code."""
    return await api.get("inventory", "/boms", tuple[Usage, ...])


async def use(
    api: Api, treatment: str, lines: Sequence[Mapping[str, Any]], *, replaces: Sequence[Mapping[str, Any]], key: str
) -> Usage:
    """A session uses this from now on; refused where it uses something else by now than what is to be replaced."""
    body = {"lines": list(lines), "replaces": list(replaces)}
    return await api.put("inventory", f"/boms/{quote(treatment, safe='')}", body, Usage, key=key)
