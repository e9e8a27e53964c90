"""A watch on one completed session: what must follow it, and what has (CP-17)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from services.audit.record import Record


class BreakState(StrEnum):
    OPEN = "open"
    HEALED = "healed"


class Effect(StrEnum):
    """What follows every session, once each; a recall only where something was needled."""

    MONEY = "money"
    STOCK = "stock"
    AFTERCARE = "aftercare"
    RECALL = "recall"


UNFINISHED = "money_at IS NULL OR stock_at IS NULL OR aftercare_at IS NULL OR (needles AND recall_at IS NULL)"


class Watch(Record):
    """May begin with any of the facts: an effect is sometimes heard before its session."""

    __tablename__ = "watch"
    __table_args__ = (
        CheckConstraint("(told_at IS NULL) = (completed_at IS NULL)", name="told"),
        CheckConstraint("(told_at IS NULL) = (needles IS NULL)", name="needles"),
        CheckConstraint("healed_at IS NULL OR broken_at IS NOT NULL", name="healed"),
        Index(
            "ix_watch_waiting",
            "told_at",
            postgresql_where=text(f"broken_at IS NULL AND told_at IS NOT NULL AND ({UNFINISHED})"),
        ),
        Index("ix_watch_open", "id", postgresql_where=text("broken_at IS NOT NULL AND healed_at IS NULL")),
        Index("ix_watch_broken", "location_id", "broken_at", postgresql_where=text("broken_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The session's appointment."""
    patient_id: Mapped[UUID | None]
    location_id: Mapped[UUID | None]
    treatment: Mapped[str | None]
    needles: Mapped[bool | None]
    completed_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When the completion was told; the time allowed counts from here."""
    money_at: Mapped[datetime | None]
    stock_at: Mapped[datetime | None]
    aftercare_at: Mapped[datetime | None]
    recall_at: Mapped[datetime | None]
    broken_at: Mapped[datetime | None]
    healed_at: Mapped[datetime | None]

    @property
    def missing(self) -> list[Effect]:
        """What has not followed."""
        arrived = {
            Effect.MONEY: self.money_at,
            Effect.STOCK: self.stock_at,
            Effect.AFTERCARE: self.aftercare_at,
            Effect.RECALL: self.recall_at,
        }
        return [
            effect for effect, at in arrived.items() if at is None and (effect is not Effect.RECALL or self.needles)
        ]

    @property
    def state(self) -> BreakState:
        return BreakState.HEALED if self.healed_at else BreakState.OPEN


IS_WHOLE = and_(
    Watch.money_at.is_not(None),
    Watch.stock_at.is_not(None),
    Watch.aftercare_at.is_not(None),
    or_(Watch.needles.is_(False), Watch.recall_at.is_not(None)),
)
