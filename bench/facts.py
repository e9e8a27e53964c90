"""Facts to measure with, as booking tells them."""

from datetime import datetime, timedelta

from chassis.clock import new_id
from chassis.zones import zone_named
from contracts.booking import AppointmentStatus, SessionCompleted
from contracts.values import (
    AppointmentId,
    LegalEntityId,
    LocationId,
    Modality,
    PatientId,
    PractitionerId,
    RoomId,
)
from tests.support.chain import Clinic

PEN = "pen-face"


def session_completed(clinic: Clinic | None = None, *, at: datetime) -> SessionCompleted:
    """A session of somebody new, from which nothing was written down: the usual products were used."""
    clinic = clinic or Clinic(LocationId(new_id()), LegalEntityId(new_id()))
    local_start = (at - timedelta(hours=1)).astimezone(zone_named(clinic.zone)).replace(tzinfo=None)
    return SessionCompleted(
        appointment_id=AppointmentId(new_id()),
        version=6,
        at=at,
        patient_id=PatientId(new_id()),
        location_id=clinic.id,
        legal_entity_id=clinic.entity,
        treatment=PEN,
        modality=Modality.PEN,
        practitioner_id=PractitionerId(new_id()),
        room_id=RoomId(new_id()),
        status=AppointmentStatus.COMPLETED,
        sequence=0,
        starts_at=at - timedelta(hours=1),
        ends_at=at,
        local_start=local_start,
        zone=clinic.zone,
        started_at=at - timedelta(minutes=30),
        completed_at=at,
        performed_on=local_start.date(),
        consumption=(),
    )
