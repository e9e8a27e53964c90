"""A patient: the only place where names and contact details are kept; facts carry the id alone (CP-14)."""

import re
import unicodedata
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Refused
from contracts.booking import PatientRegistered
from contracts.values import LocationId, PatientId
from services.booking.record import Record


class PhoneNotValid(Refused):
    """This is not a phone number that exists. Write it with its country code, such as +1 212 555 0142."""


class BirthDateNotValid(Refused):
    """The birth date lies in the future, or too far back to be one."""


class Patient(Record):
    __tablename__ = "patient"
    __table_args__ = (
        Index(
            "ix_patient_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        Index("ix_patient_sort_key", "sort_key", "id"),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    version: Mapped[int]
    given_name: Mapped[str]
    family_name: Mapped[str]
    birth_date: Mapped[date | None]
    """None only where the system a patient was taken over from did not know it."""
    email: Mapped[str | None]
    phone: Mapped[str | None]
    """E.164."""
    zone: Mapped[str]
    """Where the patient lives; decides when messages may be sent, never when a visit is (BK-01)."""
    language: Mapped[str]
    accepts_email: Mapped[bool]
    home_location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    search_text: Mapped[str]
    sort_key: Mapped[str]
    registered_at: Mapped[datetime]

    def registered(self, *, at: datetime) -> PatientRegistered:
        """Tell that there is such a patient; not who it is."""
        self.version += 1
        return PatientRegistered(
            version=self.version,
            at=at,
            patient_id=PatientId(self.id),
            home_location_id=LocationId(self.home_location_id),
        )


def folded(text: str) -> str:
    """Without accents and case, so that `muller` finds Müller."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def search_text(*, given_name: str, family_name: str, email: str | None, phone: str | None) -> str:
    """What `q` is looked up in: each word begins after a space, so that a prefix is ` pre`."""
    words = re.split(r"[\s\-'’]+", folded(f"{given_name} {family_name}"))
    return " ".join(["", *words, folded(email or ""), (phone or "").lstrip("+")])


def sort_key(given_name: str, family_name: str) -> str:
    """Lists are in the order of family names, then given names."""
    return folded(f"{family_name}\x01{given_name}")
