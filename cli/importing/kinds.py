"""What can be imported: the fields of each kind, how they are written, and which route takes them."""

from dataclasses import dataclass
from enum import StrEnum

from contracts.booking import AppointmentStatus


class Kind(StrEnum):
    PATIENTS = "patients"
    APPOINTMENTS = "appointments"
    STOCK = "stock"


class Shape(StrEnum):
    """How a value is written in the file, and so how it is read."""

    TEXT = "text"
    PROSE = "prose"
    """Text of several lines."""
    DAY = "day"
    BIRTHDAY = "birthday"
    """A day that is past: `3/7/45` is 1945."""
    MOMENT = "moment"
    """Day and time of day; local to the location unless it carries an offset or the mapping states a zone."""
    COUNT = "count"
    STATUS = "status"
    LOCATION = "location"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    shape: Shape = Shape.TEXT
    required: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of import: where its rows go and what they are made of."""

    service: str
    fields: tuple[Field, ...]
    has_source: bool = True

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


STATUSES = frozenset(status.value for status in AppointmentStatus)

TARGETS = {
    Kind.PATIENTS: Target(
        service="booking",
        fields=(
            Field("external_id"),
            Field("given_name"),
            Field("family_name"),
            Field("home_location", Shape.LOCATION),
            Field("birth_date", Shape.BIRTHDAY, required=False),
            Field("email", required=False),
            Field("phone", required=False),
            Field("zone", required=False),
            Field("language", required=False),
        ),
    ),
    Kind.APPOINTMENTS: Target(
        service="booking",
        fields=(
            Field("external_id"),
            Field("patient"),
            Field("location", Shape.LOCATION),
            Field("treatment"),
            Field("practitioner", required=False),
            Field("status", Shape.STATUS),
            Field("local_start", Shape.MOMENT),
            Field("duration_minutes", Shape.COUNT, required=False),
            Field("note", Shape.PROSE, required=False),
        ),
    ),
    Kind.STOCK: Target(
        service="inventory",
        has_source=False,
        fields=(
            Field("external_id"),
            Field("location", Shape.LOCATION),
            Field("item"),
            Field("lot_number"),
            Field("expires_on", Shape.DAY),
            Field("quantity", Shape.COUNT),
            Field("gtin", required=False),
            Field("item_name", required=False),
            Field("item_class", required=False),
            Field("unit", required=False),
            Field("received_on", Shape.DAY, required=False),
        ),
    ),
}
