"""What others ask about visits."""

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased

from contracts.values import Modality
from services.notifications.visits.model import NOT_TAKING_PLACE, Visit


def has_later_visit() -> ColumnElement[bool]:
    """Whether the patient of a `Visit` comes again after it, at any location (NT-28)."""
    later = aliased(Visit)
    return exists().where(
        later.patient_id == Visit.patient_id,
        later.starts_at > Visit.starts_at,
        later.modality != Modality.NONE,
        later.status.not_in(NOT_TAKING_PLACE),
    )
