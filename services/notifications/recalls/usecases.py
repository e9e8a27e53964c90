"""What may be asked of recalls: decide them anew from the news, notice those that are due."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from chassis.db import Tx
from chassis.outbox import emit
from contracts.billing import PackageSold, SessionRedeemed
from contracts.notifications import RecallFact, RecallReason, Template
from contracts.values import Channel
from services.notifications.messages.model import Message, State
from services.notifications.messages.planning import Wanted
from services.notifications.recalls.deciding import decide, next_visit, remaining
from services.notifications.recalls.model import Package, Recall, RecallState, Redemption
from services.notifications.visits import usecases as visits_of
from services.notifications.visits.model import Visit

INVITED_BY = {
    RecallReason.SERIES: Template.RECALL_SERIES,
    RecallReason.MAINTENANCE: Template.RECALL_MAINTENANCE,
}
INVITATION_LASTS = timedelta(days=28)


async def know_packages(tx: Tx, sold: Iterable[PackageSold], redeemed: Iterable[SessionRedeemed]) -> None:
    """Keep what was bought and what was used; a second telling changes nothing."""
    packages = [
        {
            "id": fact.package_id,
            "patient_id": fact.patient_id,
            "treatment": fact.treatment,
            "sessions": fact.sessions,
            "sold_at": fact.at,
            "expires_on": fact.expires_on,
        }
        for fact in sold
    ]
    redemptions = [
        fact.model_dump(include={"entitlement_id", "package_id", "patient_id", "appointment_id"}) for fact in redeemed
    ]
    if packages:
        await tx.execute(insert(Package).on_conflict_do_nothing(), packages)
    if redemptions:
        await tx.execute(insert(Redemption).on_conflict_do_nothing(), redemptions)


class Known:
    """All that decides the recalls of some patients, read once for the whole batch."""

    def __init__(self, visits: Iterable[Visit]) -> None:
        self.visits: dict[UUID, list[Visit]] = defaultdict(list)
        self.packages: dict[UUID, list[Package]] = defaultdict(list)
        self.redemptions: dict[UUID, list[Redemption]] = defaultdict(list)
        self.recalls: dict[UUID, Recall] = {}
        for visit in visits:
            self.visits[visit.patient_id].append(visit)

    def sessions(self) -> Iterator[Visit]:
        """Completed here, and something was needled: each has a recall."""
        for visits in self.visits.values():
            yield from (each for each in visits if each.completed_at is not None and each.modality.needles)

    def used_until(self, visit: Visit) -> list[Redemption]:
        """What was used up by this visit and those before it: a later one does not rewrite this decision."""
        later = {each.id for each in self.visits[visit.patient_id] if each.starts_at > visit.starts_at}
        return [each for each in self.redemptions[visit.patient_id] if each.appointment_id not in later]

    async def read(self, tx: Tx) -> None:
        patients = sorted({visit.patient_id for visit in self.sessions()})
        if not patients:
            return
        for package in await tx.scalars(select(Package).where(Package.patient_id.in_(patients))):
            self.packages[package.patient_id].append(package)
        for used in await tx.scalars(select(Redemption).where(Redemption.patient_id.in_(patients))):
            self.redemptions[used.patient_id].append(used)
        found = await tx.scalars(select(Recall).where(Recall.patient_id.in_(patients)))
        self.recalls = {recall.appointment_id: recall for recall in found}


async def follow(tx: Tx, visits: Iterable[Visit], *, at: Mapping[UUID, datetime]) -> Sequence[tuple[UUID, RecallFact]]:
    """Decide every recall of these visits' patients; answers the facts, each with the session it is about.

    `at` says when the news about each patient happened.
    """
    known = Known(visits)
    await known.read(tx)
    told: list[tuple[UUID, RecallFact]] = []
    for visit in known.sessions():
        told += [(visit.id, fact) for fact in _decide(tx, known, visit, at=at[visit.patient_id])]
    await _take_back_invitations(tx, known.recalls.values())
    return told


def _decide(tx: Tx, known: Known, visit: Visit, *, at: datetime) -> Iterator[RecallFact]:
    performed_on = visit.performed_on or visit.local_start.date()
    left = remaining(visit, performed_on, known.packages[visit.patient_id], known.used_until(visit))
    decision = decide(visit, performed_on, remaining=left)
    recall = known.recalls.get(visit.id)
    if recall is None:
        recall, scheduled = Recall.decide(visit, decision, at=at)
        tx.add(recall)
        yield scheduled
    yield from recall.follow(decision, next_visit(visit, known.visits[visit.patient_id]), at=at)


async def _take_back_invitations(tx: Tx, recalls: Iterable[Recall]) -> None:
    """What is no longer due was never said."""
    waiting = [each.id for each in recalls if each.state is not RecallState.DUE]
    if waiting:
        await tx.execute(delete(Message).where(Message.recall_id.in_(waiting), Message.state == State.SCHEDULED))


async def due(tx: Tx, *, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Recalls whose morning has come, with their patients."""
    chosen = (
        select(Recall.id, Recall.patient_id)
        .where(Recall.state == RecallState.OPEN, Recall.due_at <= now)
        .order_by(Recall.due_at)
        .limit(limit)
    )
    return [(row.id, row.patient_id) for row in await tx.execute(chosen)]


async def fall_due(tx: Tx, chosen: Sequence[tuple[UUID, UUID]], *, channel: Channel, now: datetime) -> int:
    """Note that the day has come, and schedule the invitation; it is judged once more when it goes out."""
    await visits_of.hold(tx, [patient_id for _, patient_id in chosen])
    ids = [recall_id for recall_id, _ in chosen]
    rows = await tx.execute(
        select(Recall, Visit)
        .join(Visit, Visit.id == Recall.appointment_id)
        .where(Recall.id.in_(ids), Recall.state == RecallState.OPEN)
        .order_by(Recall.id)
    )
    count = 0
    for recall, visit in rows.all():
        emit(tx, recall.fall_due(at=now))
        await _invite(tx, recall, visit, channel=channel, now=now)
        count += 1
    return count


async def _invite(tx: Tx, recall: Recall, visit: Visit, *, channel: Channel, now: datetime) -> None:
    """One invitation a recall: one that was sent before the patient booked and cancelled is not sent again."""
    want = Wanted(INVITED_BY[recall.reason], now, now + INVITATION_LASTS)
    standing = await tx.scalar(select(Message).where(Message.recall_id == recall.id))
    if standing is None:
        tx.add(Message.schedule(want, visit, channel=channel, recall_id=recall.id))
    else:
        standing.reschedule(want)
