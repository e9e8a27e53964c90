"""Operators' door to parked messages: look, try, replay. The same in every service."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from chassis import parked
from chassis.auth import Scope, require
from chassis.context import Context
from chassis.inbox import Consumer

OPERATORS = ("operator", "owner")

router = APIRouter(prefix="/parked", tags=["parked messages"])
Operator = Annotated[Scope, require(*OPERATORS)]


@router.get("")
async def list_parked(request: Request, _: Operator) -> list[parked.ParkedMessage]:
    """Messages that could not be handled, oldest first, with the reason."""
    context: Context = request.app.state.context
    async with context.db.reading() as tx:
        return await parked.waiting(tx)


@router.post("/replay")
async def replay_parked(
    request: Request,
    _: Operator,
    dry_run: Annotated[bool, Query(description="Only say what would be replayed.")] = True,
) -> parked.Replay:
    """Handle them again, in order; safe to repeat."""
    context: Context = request.app.state.context
    consumer: Consumer = request.app.state.consumer
    return await parked.replay(context.db, consumer, at=context.clock.now(), dry_run=dry_run)
