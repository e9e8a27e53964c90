"""The record: one row a fact, added once, never changed (CP-04)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from services.audit.record import Record


class Event(Record):
    """A fact as it was told. The database refuses to change or remove a row, whoever asks."""

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("position >= 1", name="position"),
        Index(None, "patient_id"),
        Index(None, "appointment_id"),
        Index(None, "package_id"),
        Index(None, "invoice_id"),
        Index(None, "causation_id"),
        Index(
            "ix_event_price",
            "location_id",
            text("(details ->> 'treatment')"),
            text("(details ->> 'effective_on')"),
            postgresql_where=text("type = 'billing.price-changed'"),
        ),
    )

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1, 2, 3… without a gap: a missing row shows."""
    message_id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str]
    aggregate: Mapped[str]
    aggregate_id: Mapped[UUID]
    version: Mapped[int]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    correlation_id: Mapped[UUID]
    causation_id: Mapped[UUID | None]
    actor: Mapped[str | None]
    location_id: Mapped[UUID | None]
    patient_id: Mapped[UUID | None]
    appointment_id: Mapped[UUID | None]
    package_id: Mapped[UUID | None]
    invoice_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]
    """The fact's own fields: opaque ids, times, quantities and money, as facts carry nothing else (CP-14)."""
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    """Over this row and the hash before it: what is changed behind the database's back shows too."""


EVENTS = Record.metadata.tables[Event.__tablename__]


class EventLot(Record):
    """Which lots a fact is about."""

    __tablename__ = "event_lot"

    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(ForeignKey("event.position"), primary_key=True)


EVENT_LOTS = Record.metadata.tables[EventLot.__tablename__]
