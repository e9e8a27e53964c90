"""What booking tells: places, people who treat, patients as ids, and the life of an appointment."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, Field

from contracts.envelope import Fact
from contracts.values import (
    AppointmentId,
    ConsumptionLine,
    LegalEntityId,
    LocationId,
    Modality,
    PatientId,
    PractitionerId,
    RoomId,
    TreatmentCode,
    TreatmentId,
)


class AppointmentStatus(StrEnum):
    """The states of an appointment (BK-16); `booked` is the field's tentative: the time is held, not yet confirmed."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    NUMBING = "numbing"
    IN_PROCEDURE = "in_procedure"
    COMPLETED = "completed"
    CANCELLED_BY_PATIENT = "cancelled_by_patient"
    CANCELLED_BY_CLINIC = "cancelled_by_clinic"
    LATE_CANCEL = "late_cancel"
    NO_SHOW = "no_show"
    ABORTED_MEDICAL = "aborted_medical"


class LocationChanged(Fact):
    """A location was opened or its public particulars changed."""

    type: ClassVar[str] = "booking.location-changed"
    aggregate: ClassVar[str] = "location"
    key: ClassVar[str] = "location_id"

    location_id: LocationId
    code: str
    name: str
    legal_entity_id: LegalEntityId
    legal_entity_name: str
    zone: str
    """IANA name; decides opening hours and every local date (BK-01)."""
    phone: str | None
    """The clinic's own number, printed in messages (NT-04)."""
    active: bool


class TreatmentChanged(Fact):
    """A treatment of the catalogue was added or changed."""

    type: ClassVar[str] = "booking.treatment-changed"
    aggregate: ClassVar[str] = "treatment"
    key: ClassVar[str] = "treatment_id"

    treatment_id: TreatmentId
    treatment: TreatmentCode
    name: str
    modality: Modality
    active: bool


class PractitionerChanged(Fact):
    """Someone who treats joined, changed or left."""

    type: ClassVar[str] = "booking.practitioner-changed"
    aggregate: ClassVar[str] = "practitioner"
    key: ClassVar[str] = "practitioner_id"

    practitioner_id: PractitionerId
    location_ids: tuple[LocationId, ...]
    active: bool


class PatientRegistered(Fact):
    """A patient is known; who it is stays in booking."""

    type: ClassVar[str] = "booking.patient-registered"
    aggregate: ClassVar[str] = "patient"
    key: ClassVar[str] = "patient_id"

    patient_id: PatientId
    home_location_id: LocationId


class PatientDetail(StrEnum):
    """What booking knows of a patient, by name; what it says stays there."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    BIRTH_DATE = "birth_date"
    EMAIL = "email"
    PHONE = "phone"
    ZONE = "zone"
    LANGUAGE = "language"
    ACCEPTS_EMAIL = "accepts_email"
    HOME_LOCATION = "home_location_id"


class PatientChanged(Fact):
    """Details of a patient were corrected; which ones, not what they say."""

    type: ClassVar[str] = "booking.patient-changed"
    aggregate: ClassVar[str] = "patient"
    key: ClassVar[str] = "patient_id"

    patient_id: PatientId
    home_location_id: LocationId
    changed: tuple[PatientDetail, ...]


class AppointmentFact(Fact):
    """Every fact of an appointment carries its whole public state.

    A listener therefore needs only the newest version it has seen, whatever the order of arrival.
    """

    aggregate: ClassVar[str] = "appointment"
    key: ClassVar[str] = "appointment_id"

    appointment_id: AppointmentId
    patient_id: PatientId
    location_id: LocationId
    legal_entity_id: LegalEntityId
    treatment: TreatmentCode
    modality: Modality
    practitioner_id: PractitionerId
    room_id: RoomId
    status: AppointmentStatus
    sequence: int = Field(ge=0)
    """Goes up by one at each move (BK-18, NT-44)."""
    starts_at: AwareDatetime
    """Arrival, UTC."""
    ends_at: AwareDatetime
    """When the patient leaves; cleaning is not included (BK-08)."""
    local_start: datetime
    """Wall time at the location, without offset (BK-01)."""
    zone: str


class AppointmentBooked(AppointmentFact):
    """A time is held for a patient."""

    type: ClassVar[str] = "booking.appointment-booked"


class AppointmentConfirmed(AppointmentFact):
    """The patient said they will come."""

    type: ClassVar[str] = "booking.appointment-confirmed"


class AppointmentMoved(AppointmentFact):
    """Another time, practitioner or room; `sequence` went up."""

    type: ClassVar[str] = "booking.appointment-moved"


class AppointmentCancelled(AppointmentFact):
    """It will not take place; `status` says who cancelled."""

    type: ClassVar[str] = "booking.appointment-cancelled"


class AppointmentMissed(AppointmentFact):
    """The patient did not come (BK-17)."""

    type: ClassVar[str] = "booking.appointment-missed"


class AppointmentReinstated(AppointmentFact):
    """A no-show was taken back within 24 hours (BK-17)."""

    type: ClassVar[str] = "booking.appointment-reinstated"


class AppointmentImported(AppointmentFact):
    """A visit of another system was taken over, as history or to be booked; that it exists is told to no patient again.

    What is past has no other fact: nobody is charged or written to for it. What is to come is booked after this one.
    """

    type: ClassVar[str] = "booking.appointment-imported"


class PatientArrived(AppointmentFact):
    """Checked in."""

    type: ClassVar[str] = "booking.patient-arrived"


class NumbingStarted(AppointmentFact):
    """The numbing cream is on."""

    type: ClassVar[str] = "booking.numbing-started"


class TreatmentStarted(AppointmentFact):
    """The needling has begun."""

    type: ClassVar[str] = "booking.treatment-started"


class SessionCompleted(AppointmentFact):
    """A treatment was performed and its record signed: money, stock, aftercare and recall follow (CP-17)."""

    type: ClassVar[str] = "booking.session-completed"

    started_at: AwareDatetime
    completed_at: AwareDatetime
    performed_on: date
    """Business date at the location (FN-04)."""
    consumption: tuple[ConsumptionLine, ...]
    """Empty when nothing was recorded: inventory then takes the default bill of materials (IV-04)."""
    second_cartridge: bool = False
    """One cartridge does not last for what was needled: the default bill of materials then has two (IV-04)."""
