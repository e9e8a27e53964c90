"""How failed sign-ins are counted, for all replicas together."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from chassis.clock import new_id
from chassis.db import Tx
from services.identity.attempts.model import Attempt, TooManySignIns
from services.identity.attempts.throttle import Limits, wait_seconds
from services.identity.turns import take_turn


async def begin(tx: Tx, *, account: bytes, address: bytes, limits: Limits, at: datetime) -> UUID:
    """Count a try as failed before it is decided, so that a thousand at once are not a thousand free ones.

    Commit this before the password is looked at, and `forgive` it when the password was right.
    """
    await take_turn(tx, account, address)
    of_account, from_address = Attempt.account == account, Attempt.address == address
    waits = [
        await _wait_seconds(tx, same, limit=limit, limits=limits, at=at)
        for same, limit in (
            (of_account & from_address, limits.per_account_at_address),
            (of_account, limits.per_account),
            (from_address, limits.per_address),
        )
    ]
    if any(waits):
        raise TooManySignIns(retry_after_seconds=max(waits))
    attempt = Attempt(id=new_id(), account=account, address=address, at=at)
    tx.add(attempt)
    return attempt.id


async def forgive(tx: Tx, attempt_id: UUID) -> None:
    """It was no failure."""
    await tx.execute(delete(Attempt).where(Attempt.id == attempt_id))


async def forget_old(tx: Tx, *, before: datetime) -> int:
    """Remove what no window reaches any more."""
    gone = await tx.execute(delete(Attempt).where(Attempt.at < before).returning(Attempt.id))
    return len(gone.all())


async def _wait_seconds(tx: Tx, same: ColumnElement[bool], *, limit: int, limits: Limits, at: datetime) -> int:
    recent = await tx.scalars(
        select(Attempt.at).where(same, Attempt.at > at - limits.window).order_by(Attempt.at.desc()).limit(limit)
    )
    return wait_seconds(recent.all(), limit=limit, window=limits.window, at=at)
