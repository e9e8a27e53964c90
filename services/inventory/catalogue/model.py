"""Locations and treatments as booking told of them, for codes, names and zones."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from chassis.zones import zone_named
from contracts.values import LocationId, Modality, TreatmentId
from services.inventory.record import Record


class Location(Record):
    """A clinic with a shelf; its zone decides on which day a lot expires (IV-11)."""

    __tablename__ = "location"

    id: Mapped[LocationId] = mapped_column(primary_key=True)
    version: Mapped[int]
    code: Mapped[str]
    name: Mapped[str]
    zone: Mapped[str]
    active: Mapped[bool]

    __table_args__ = (Index("ix_location_code", "code"),)

    def date_of(self, at: datetime) -> date:
        """The calendar day at this location."""
        return at.astimezone(zone_named(self.zone)).date()


class Treatment(Record):
    """A treatment that may use items; everything else about it stays in booking."""

    __tablename__ = "treatment"

    id: Mapped[TreatmentId] = mapped_column(primary_key=True)
    version: Mapped[int]
    code: Mapped[str]
    name: Mapped[str]
    modality: Mapped[Modality]
    active: Mapped[bool]

    __table_args__ = (Index("ix_treatment_code", "code"),)
