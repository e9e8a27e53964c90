"""A patient: the only place where names and contact details are kept; facts carry the id alone (CP-14)."""

import re
import unicodedata
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Conflict, Refused
from contracts.booking import PatientChanged, PatientDetail, PatientRegistered
from contracts.values import LocationId, PatientId
from services.booking.record import Record

BETWEEN_NAMES = "\x01"
"""Between the names of a sort key: before every letter, so that `Ames` comes before `Amesbury`."""


class PhoneNotValid(Refused):
    """This is not a phone number that exists. Write it with its country code, such as +1 212 555 0142."""


class BirthDateNotValid(Refused):
    """The birth date lies in the future or too far back to be one, or is left out though it is known."""


class DetailsChanged(Conflict):
    """Somebody else changed these details meanwhile. Look at them as they are now, then make your change again."""


class PerhapsKnown(Conflict):
    """Somebody like this is registered already. Compare the two; if it is somebody else, say so and register.

    `alike` has their ids with what is alike; `differs_from` is where the request names those it is not.
    """


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
        Index("ix_patient_birth_date", "birth_date"),
        Index("ix_patient_phone", "phone"),
        Index("ix_patient_lower_email", text("lower(email)")),
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

    def correct(self, to: "Patient", *, at: datetime) -> PatientChanged | None:
        """Take over what differs; None when nothing does. The fact names the details, not what they say (CP-14)."""
        changed = tuple(each for each in PatientDetail if getattr(self, each) != getattr(to, each))
        if not changed:
            return None
        for each in (*changed, "search_text", "sort_key"):
            setattr(self, each, getattr(to, each))
        self.version += 1
        return PatientChanged(
            version=self.version,
            at=at,
            patient_id=PatientId(self.id),
            home_location_id=LocationId(self.home_location_id),
            changed=changed,
        )


def folded(words: str) -> str:
    """Without accents and case, so that `muller` finds Müller."""
    decomposed = unicodedata.normalize("NFKD", words.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def search_text(*, given_name: str, family_name: str, email: str | None, phone: str | None) -> str:
    """What `q` is looked up in: each word begins after a space, so that a prefix is ` pre`."""
    words = re.split(r"[\s\-'’]+", folded(f"{given_name} {family_name}"))
    return " ".join(["", *words, folded(email or ""), (phone or "").lstrip("+")])


def sort_key(given_name: str, family_name: str) -> str:
    """Lists are in the order of family names, then given names."""
    return folded(f"{family_name}{BETWEEN_NAMES}{given_name}")
