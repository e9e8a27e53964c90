"""Operators' door to parked messages: look, try, replay, drop. The same in every service."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict

from chassis import openapi, parked
from chassis.auth import Scope, require
from chassis.command import Commanded
from chassis.context import Context
from chassis.errors import Forbidden, NotFound
from chassis.inbox import Consumer
from chassis.parked import AlreadyClosed
from contracts.parking import DropReason

OPERATORS = ("operator", "owner")

router = APIRouter(prefix="/parked", tags=["parked messages"])
ROW_MAX = 2**63 - 1
Operator = Annotated[Scope, require(*OPERATORS)]


def must_run_the_chain(scope: Scope) -> None:
    """A message belongs to the chain, not to one of its locations: who has one of them may look, and change nothing."""
    if scope.places is not None:
        raise Forbidden


@router.get("")
async def list_parked(request: Request, _: Operator) -> list[parked.ParkedMessage]:
    """Messages that could not be handled, oldest first, with the reason."""
    context: Context = request.app.state.context
    async with context.db.reading() as tx:
        return await parked.waiting(tx)


@router.post("/replay")
async def replay_parked(
    request: Request,
    scope: Operator,
    dry_run: Annotated[bool, Query(description="Only say what would be replayed.")] = True,
    after: Annotated[
        int, Query(ge=0, le=ROW_MAX, description="`next_after` of the answer before; 0: from the oldest on.")
    ] = 0,
) -> parked.Replay:
    """Handle the next few hundred again, in order; safe to repeat. Ask again until `next_after` is null."""
    must_run_the_chain(scope)
    context: Context = request.app.state.context
    consumer: Consumer = request.app.state.consumer
    return await parked.replay(context.db, consumer, at=context.clock.now(), dry_run=dry_run, after=after)


class Drop(BaseModel):
    """Why this message will never be handled."""

    model_config = ConfigDict(extra="forbid")

    reason: DropReason


@router.post("/{parked_id}/drop", status_code=204, responses=openapi.responses((NotFound, AlreadyClosed)))
async def drop_parked(
    parked_id: Annotated[int, Path(ge=1, le=ROW_MAX)], body: Drop, command: Commanded, scope: Operator
) -> None:
    """Never handle it. What waits behind it is handled by the next replay."""
    must_run_the_chain(scope)
    async with command.transaction() as tx:
        await parked.drop(tx, parked_id, reason=body.reason, at=command.context.clock.now())
        command.answer(None, status=204)
