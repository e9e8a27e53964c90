"""Kafka door of inventory: which facts we listen to, and what we do about each."""

from chassis.db import Tx
from chassis.inbox import Prepared, Subscriptions
from contracts.booking import LocationChanged, SessionCompleted, TreatmentChanged
from services.inventory.catalogue import usecases as catalogue
from services.inventory.usage import usecases as usage


async def on_location_changed(tx: Tx, fact: LocationChanged) -> None:
    await catalogue.learn_location(tx, fact)


async def on_treatment_changed(tx: Tx, fact: TreatmentChanged) -> None:
    await catalogue.learn_treatment(tx, fact)


async def on_session_completed(tx: Tx, fact: SessionCompleted) -> None:
    await usage.consume(tx, fact)


SUBSCRIPTIONS: Subscriptions = {
    LocationChanged: on_location_changed,
    TreatmentChanged: on_treatment_changed,
    SessionCompleted: Prepared(prepare=usage.make_ready, handle=on_session_completed),
}
