"""The clock door of booking."""

from datetime import timedelta

from sqlalchemy import delete

from chassis.context import Context
from services.booking.schedule.model import Claim
from services.booking.settings import BookingSettings


async def forget_past_claims(context: Context) -> int:
    """What visits occupied some days ago holds nobody up; the constraint is fastest on a small table."""
    before = context.clock.now() - timedelta(days=context.settings_as(BookingSettings).claims_kept_days)
    async with context.db.transaction() as tx:
        gone = await tx.scalars(delete(Claim).where(Claim.ends_at < before).returning(Claim.appointment_id))
        return len(gone.all())
