"""The signed record of a treatment (BK-31, BK-33). Triggers refuse any change of these rows, whoever asks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Refused
from services.booking.record import Record


class RecordIncomplete(Refused):
    """The treatment record lacks something it must have before the visit can be completed.

    `missing` lists it (BK-31).
    """


class DepthNotAllowed(Refused):
    """A depth is outside what this kind of needling or this device allows, or deeper than usual without a reason."""


class DeviceNotUsable(Refused):
    """This device can't have been used here: it is another kind, is no longer used, or its service had run out."""


class RecordTimesNotValid(Refused):
    """The treatment begins before it ends, not before the patient arrived, and does not end in the future.

    The numbing ends before the needling begins (CL-09).
    """


class TreatmentRecord(Record):
    __tablename__ = "treatment_record"

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    device_id: Mapped[UUID | None] = mapped_column(ForeignKey("device.id"))
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime]
    numbing_on_at: Mapped[datetime | None]
    numbing_off_at: Mapped[datetime | None]
    reaction_grade: Mapped[int]
    aftercare_given: Mapped[bool]
    notes: Mapped[str | None]
    signed_by: Mapped[str]
    signed_at: Mapped[datetime]


class AreaRow(Record):
    """One area as it was treated."""

    __tablename__ = "treated_area"

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("treatment_record.appointment_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    area: Mapped[str]
    depth_hundredths_mm: Mapped[int]
    passes: Mapped[int]
    override_reason: Mapped[str | None]


class ProductRow(Record):
    """One product as it was recorded: cartridge, serum or numbing cream; the lot's truth is inventory's."""

    __tablename__ = "used_product"

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("treatment_record.appointment_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[UUID]
    lot_id: Mapped[UUID | None]
    quantity: Mapped[int]
