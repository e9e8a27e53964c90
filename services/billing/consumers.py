"""Kafka door of billing: which facts we listen to, and what we do about each."""

from chassis.db import Tx
from chassis.inbox import Subscriptions
from contracts.booking import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentFact,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentReinstated,
    LocationChanged,
    NumbingStarted,
    PatientArrived,
    PatientRegistered,
    SessionCompleted,
    TreatmentChanged,
    TreatmentStarted,
)
from services.billing.catalogue import usecases as catalogue
from services.billing.settlements.news import News


async def on_location_changed(tx: Tx, fact: LocationChanged) -> None:
    await catalogue.learn_location(tx, fact)


async def on_treatment_changed(tx: Tx, fact: TreatmentChanged) -> None:
    await catalogue.learn_treatment(tx, fact)


async def on_patient_registered(tx: Tx, fact: PatientRegistered) -> None:
    tx.gathered(News).add_patient(fact.patient_id)


async def on_visit(tx: Tx, fact: AppointmentFact) -> None:
    tx.gathered(News).add_visit(fact, tx.envelope)


SUBSCRIPTIONS: Subscriptions = {
    LocationChanged: on_location_changed,
    TreatmentChanged: on_treatment_changed,
    PatientRegistered: on_patient_registered,
    AppointmentBooked: on_visit,
    AppointmentConfirmed: on_visit,
    AppointmentMoved: on_visit,
    AppointmentCancelled: on_visit,
    AppointmentMissed: on_visit,
    AppointmentReinstated: on_visit,
    PatientArrived: on_visit,
    NumbingStarted: on_visit,
    TreatmentStarted: on_visit,
    SessionCompleted: on_visit,
}
