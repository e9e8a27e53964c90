"""What is on offer, as a manager keeps it up."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from web.api import Api
from web.clients.booking import Treatment


async def offer(api: Api, body: Mapping[str, Any], *, key: str) -> Treatment:
    """One more treatment, at all locations."""
    return await api.post("booking", "/treatments", body, Treatment, key=key)


async def change(api: Api, treatment_id: UUID, body: Mapping[str, Any], *, key: str) -> Treatment:
    """Another name, plan or colour, or off the offer; for the version that the body names."""
    return await api.put("booking", f"/treatments/{treatment_id}", body, Treatment, key=key)
