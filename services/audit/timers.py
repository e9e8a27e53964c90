"""Clock door of audit: sessions that have waited too long for what must follow."""

from collections.abc import Sequence
from datetime import timedelta

from chassis.context import Context
from chassis.timers import Timer, every
from services.audit.breaks import usecases as breaks
from services.audit.settings import AuditSettings


def timers(settings: AuditSettings) -> Sequence[Timer]:
    async def look_for_breaks(context: Context) -> int:
        now = context.clock.now()
        overdue = now - timedelta(seconds=settings.break_after_seconds)
        async with context.db.transaction() as tx:
            return await breaks.open_overdue(tx, told_before=overdue, now=now) + await breaks.heal(tx, now=now)

    return [every(seconds=2, do=look_for_breaks)]
