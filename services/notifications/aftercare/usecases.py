"""What may be asked of aftercare: say that a session's series stands."""

from datetime import datetime

from contracts.notifications import AftercareScheduled
from contracts.values import AppointmentId, LocationId, PatientId
from services.notifications.aftercare.series import SERIES
from services.notifications.visits.model import Visit


def scheduled(visit: Visit, *, at: datetime) -> AftercareScheduled:
    """Once a session; a visit without needling needs no aftercare, and that is said too."""
    return AftercareScheduled(
        version=1,
        at=at,
        appointment_id=AppointmentId(visit.id),
        patient_id=PatientId(visit.patient_id),
        location_id=LocationId(visit.location_id),
        messages=len(SERIES) if visit.modality.needles else 0,
    )
