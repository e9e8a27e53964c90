"""Kafka door of inventory: which facts we listen to, and what we do about each."""

from dataclasses import dataclass, field

from chassis.db import Tx
from chassis.inbox import Subscriptions, envelope_of, following
from contracts.booking import LocationChanged, SessionCompleted, TreatmentChanged
from contracts.envelope import Envelope
from services.inventory.catalogue import usecases as catalogue
from services.inventory.usage import usecases as usage


async def on_location_changed(tx: Tx, fact: LocationChanged) -> None:
    await catalogue.learn_location(tx, fact)


async def on_treatment_changed(tx: Tx, fact: TreatmentChanged) -> None:
    await catalogue.learn_treatment(tx, fact)


async def on_session_completed(tx: Tx, fact: SessionCompleted) -> None:
    tx.gathered(Sessions).heard.append((fact, envelope_of(tx)))


SUBSCRIPTIONS: Subscriptions = {
    LocationChanged: on_location_changed,
    TreatmentChanged: on_treatment_changed,
    SessionCompleted: on_session_completed,
}


@dataclass
class Sessions:
    """The sessions of one batch: what they need is locked in one sorted go, so no two batches wait in a ring."""

    heard: list[tuple[SessionCompleted, Envelope]] = field(default_factory=list)

    async def finish(self, tx: Tx) -> None:
        ready = await usage.make_ready(tx, [session for session, _ in self.heard])
        for session, envelope in self.heard:
            with following(envelope):
                await usage.consume(tx, session, ready)
