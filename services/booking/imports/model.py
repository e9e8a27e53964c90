"""What came from where: the same row of another system is taken over once, however often it is sent."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.booking.record import Record


class ExternalId(Record):
    __tablename__ = "external_id"

    source: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    """`patient` or `appointment`."""
    external_id: Mapped[str] = mapped_column(primary_key=True)
    target_id: Mapped[UUID] = mapped_column(index=True)
