"""The facts of one batch, taken together: whatever their number, a handful of statements.

All accounts are held in the order of their ids before anything is read, so two batches that meet take turns
instead of waiting for each other.
"""

from collections import defaultdict

from chassis.db import Tx
from contracts.booking import AppointmentFact
from contracts.envelope import Envelope
from contracts.values import AppointmentId, PatientId
from services.billing.accounts import usecases as accounts
from services.billing.cause import Cause
from services.billing.settlements.usecases import Due, settle
from services.billing.visits import usecases as visits


class News:
    """What booking told of patients and of their visits in one transaction."""

    def __init__(self) -> None:
        self.patients: set[PatientId] = set()
        self.told: dict[AppointmentId, list[AppointmentFact]] = defaultdict(list)
        self.causes: dict[AppointmentId, Cause] = {}

    def add_patient(self, patient_id: PatientId) -> None:
        self.patients.add(patient_id)

    def add_visit(self, fact: AppointmentFact, envelope: Envelope | None) -> None:
        self.patients.add(fact.patient_id)
        told = self.told[fact.appointment_id]
        if all(fact.version > earlier.version for earlier in told):
            self.causes[fact.appointment_id] = Cause(fact.at, envelope)
        told.append(fact)

    async def finish(self, tx: Tx) -> None:
        """Record the news, keep units for what needs one, and settle what was completed."""
        await accounts.hold(tx, self.patients)
        changed = await visits.record(tx, self.told.values())
        changed.sort(key=lambda visit: (visit.completed_at or visit.starts_at, visit.id))
        due = [Due(visit, self.causes[visit.id]) for visit in changed if visit.awaits_settlement]
        await settle(tx, due, {visit.patient_id: self.causes[visit.id] for visit in changed})
