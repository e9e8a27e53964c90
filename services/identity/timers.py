"""The clock door: forget what nobody needs any more."""

from datetime import timedelta

from chassis.context import Context
from services.identity.attempts import usecases as attempts
from services.identity.keys import usecases as keys
from services.identity.sessions import usecases as sessions
from services.identity.settings import IdentitySettings


async def forget_old(context: Context) -> int:
    """Remove old sign-in attempts and sessions, and wipe private keys that sign no more."""
    at = context.clock.now()
    window = timedelta(seconds=context.settings_as(IdentitySettings).sign_in_window_seconds)
    async with context.db.transaction() as tx:
        gone = await attempts.forget_old(tx, before=at - window)
        gone += await sessions.forget_old(tx, at=at)
        return gone + await keys.wipe_retired(tx, at=at)
