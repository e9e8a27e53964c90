"""Kafka door of notifications. A batch of facts is heard together: what patients should be told depends on the newest
state of their visits, not on each step towards it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from chassis.inbox import Subscriptions, envelope_of, following
from chassis.outbox import emit
from contracts.billing import PackageSold, SessionRedeemed
from contracts.booking import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentFact,
    AppointmentImported,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentReinstated,
    LocationChanged,
    NumbingStarted,
    PatientArrived,
    SessionCompleted,
    TreatmentStarted,
)
from contracts.envelope import Envelope, Fact
from contracts.notifications import RecallClosed, RecallFact
from contracts.values import Channel
from services.notifications.aftercare import usecases as aftercare
from services.notifications.messages import usecases as messages
from services.notifications.recalls import usecases as recalls
from services.notifications.visits import usecases as visits
from services.notifications.visits.model import Visit

LISTENS_TO: tuple[type[Fact], ...] = (
    LocationChanged,
    AppointmentBooked,
    AppointmentConfirmed,
    AppointmentMoved,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentReinstated,
    AppointmentImported,
    PatientArrived,
    NumbingStarted,
    TreatmentStarted,
    SessionCompleted,
    PackageSold,
    SessionRedeemed,
)


def subscriptions(channel: Channel) -> Subscriptions:
    """Every fact goes to the same ear; messages are planned for this channel."""

    async def on_news(tx: Tx, fact: Fact) -> None:
        news = tx.gathered(News)
        news.channel = channel
        news.hear(fact, envelope_of(tx))

    return dict.fromkeys(LISTENS_TO, on_news)


@dataclass
class News:
    """The facts of one batch, acted upon together."""

    channel: Channel = Channel.CONSOLE
    places: list[LocationChanged] = field(default_factory=list)
    visits: list[AppointmentFact] = field(default_factory=list)
    sold: list[PackageSold] = field(default_factory=list)
    redeemed: list[SessionRedeemed] = field(default_factory=list)
    causes: dict[UUID, tuple[Envelope, datetime]] = field(default_factory=dict)
    """Which fact was the news about a visit or a patient."""

    def hear(self, fact: Fact, envelope: Envelope) -> None:
        match fact:
            case LocationChanged():
                self.places.append(fact)
            case AppointmentFact():
                self.visits.append(fact)
                if self._is_news(fact):
                    self._caused(fact.appointment_id, fact, envelope)
                self._caused(fact.patient_id, fact, envelope)
            case PackageSold():
                self.sold.append(fact)
                self._caused(fact.patient_id, fact, envelope)
            case SessionRedeemed():
                self.redeemed.append(fact)
                self._caused(fact.patient_id, fact, envelope)

    def _is_news(self, fact: AppointmentFact) -> bool:
        """An older fact that comes later is not what made something happen."""
        known = self.causes.get(fact.appointment_id)
        return known is None or known[0].aggregateversion <= fact.version

    def _caused(self, subject: UUID, fact: Fact, envelope: Envelope) -> None:
        self.causes[subject] = (envelope, fact.at)

    async def finish(self, tx: Tx) -> None:
        await visits.know_places(tx, self.places)
        patients = self._patients()
        if not patients:
            return
        await visits.hold(tx, patients)
        await recalls.know_packages(tx, self.sold, self.redeemed)
        known = await visits.touched(tx, patients, self.visits)
        completed = visits.hear(known, self.visits)
        if self.visits:
            touched = {fact.appointment_id: known[fact.appointment_id] for fact in self.visits}.values()
            await visits.keep(tx, touched)
            await messages.plan(tx, touched, channel=self.channel)
        for visit in completed:
            self._tell(tx, aftercare.scheduled(visit, at=self._at(visit)), visit.id)
        times = {patient_id: self.causes[patient_id][1] for patient_id in patients}
        for session_id, fact in await recalls.follow(tx, known.values(), at=times):
            self._tell(tx, fact, *_subjects(session_id, fact))

    def _patients(self) -> set[UUID]:
        seen: set[UUID] = {fact.patient_id for fact in self.visits}
        return seen | {fact.patient_id for fact in self.sold} | {fact.patient_id for fact in self.redeemed}

    def _at(self, visit: Visit) -> datetime:
        return self.causes[visit.id][1]

    def _tell(self, tx: Tx, fact: Fact, *subjects: UUID) -> None:
        """Emit with the first of these subjects that there was news of as its cause."""
        envelope, _ = next(self.causes[subject] for subject in subjects if subject in self.causes)
        with following(envelope):
            emit(tx, fact)


def _subjects(session_id: UUID, fact: RecallFact) -> Iterator[UUID]:
    if isinstance(fact, RecallClosed) and fact.booked_appointment_id:
        yield fact.booked_appointment_id
    yield session_id
    yield fact.patient_id
