"""Locations and treatments as booking told of them, for names, zones and legal entities."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values import LegalEntityId, LocationId, TreatmentId
from services.billing.record import Record


class Location(Record):
    """A clinic: which legal entity it belongs to, and in which zone its business day turns."""

    __tablename__ = "location"

    id: Mapped[LocationId] = mapped_column(primary_key=True)
    version: Mapped[int]
    code: Mapped[str]
    name: Mapped[str]
    legal_entity_id: Mapped[LegalEntityId]
    legal_entity_name: Mapped[str]
    zone: Mapped[str]
    active: Mapped[bool]

    __table_args__ = (Index("ix_location_legal_entity_id", "legal_entity_id"),)


class Treatment(Record):
    """A treatment that can have a price; everything else about it stays in booking."""

    __tablename__ = "treatment"

    id: Mapped[TreatmentId] = mapped_column(primary_key=True)
    version: Mapped[int]
    code: Mapped[str]
    name: Mapped[str]
    active: Mapped[bool]

    __table_args__ = (Index("ix_treatment_code", "code"),)
