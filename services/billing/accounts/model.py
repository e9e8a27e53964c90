"""The patient's account: known to billing since booking told of the patient, or of a visit."""

from sqlalchemy.orm import Mapped, mapped_column

from contracts.values import PatientId
from services.billing.record import Record


class Account(Record):
    """Whoever reserves, redeems or sells a patient's prepaid sessions holds this row."""

    __tablename__ = "account"

    patient_id: Mapped[PatientId] = mapped_column(primary_key=True)
