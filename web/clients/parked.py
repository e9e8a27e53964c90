"""Messages that a service could not handle, and handling them again."""

from datetime import datetime
from uuid import UUID

from web.api import SERVICES, Api
from web.clients.shape import Shape
from web.errors import ApiProblem


class Parked(Shape):
    id: int
    consumer: str
    message_id: UUID
    key: UUID
    type: str
    reason: str
    attempts: int
    parked_at: datetime


class Replay(Shape):
    """What a replay did, or would try."""

    dry_run: bool
    replayed: tuple[UUID, ...]
    failed: dict[UUID, str]
    next_after: int | None
    """Where to go on: one request replays some hundred."""


class Shelf(Shape):
    """The parked messages of one service; None when the service does not answer."""

    service: str
    waiting: tuple[Parked, ...] | None


async def shelf(api: Api, service: str) -> Shelf:
    try:
        return Shelf(service=service, waiting=await api.get(service, "/parked", tuple[Parked, ...]))
    except ApiProblem as problem:
        if problem.status != 503:
            raise
        return Shelf(service=service, waiting=None)


async def replay(api: Api, service: str, *, dry_run: bool, after: int, key: str) -> Replay:
    """Safe to repeat: a message that was handled is not handled twice."""
    path = f"/parked/replay?dry_run={str(dry_run).lower()}&after={after}"
    return await api.post(service, path, {}, Replay, key=key)


__all__ = ["SERVICES", "Parked", "Replay", "Shelf", "replay", "shelf"]
