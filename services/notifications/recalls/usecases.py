"""What may be asked of recalls: decide them anew from the news, notice those that are due."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from chassis.compiled import Statement
from chassis.db import Tx
from chassis.many import Many, among
from chassis.outbox import emit
from contracts.billing import PackageSold, SessionRedeemed
from contracts.notifications import RecallFact, RecallReason, Template
from contracts.values import Channel
from services.notifications.messages.model import MESSAGES, Message, State
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

_PACKAGES = Many(Package, *Package.__table__.columns.keys())
_KNOW_PACKAGES = Statement(_PACKAGES.insert().on_conflict_do_nothing())
_REDEMPTIONS = Many(Redemption, *Redemption.__table__.columns.keys())
_KNOW_REDEMPTIONS = Statement(_REDEMPTIONS.insert().on_conflict_do_nothing())
_RECALLS = Many(Recall, *Recall.__table__.columns.keys())
_KEEP = Statement(_RECALLS.replace("id"))
_BOUGHT = Statement(select(_PACKAGES.table).where(among(Package.patient_id, "patients")))
_USED = Statement(select(_REDEMPTIONS.table).where(among(Redemption.patient_id, "patients")))
_STANDING = Statement(select(_RECALLS.table).where(among(Recall.patient_id, "patients")))
_TAKE_BACK = Statement(delete(MESSAGES).where(among(Message.recall_id, "recalls"), MESSAGES.c.state == State.SCHEDULED))


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
        await _KNOW_PACKAGES(tx, **_PACKAGES.of(packages))
    if redemptions:
        await _KNOW_REDEMPTIONS(tx, **_REDEMPTIONS.of(redemptions))


class Known:
    """All that decides the recalls of some patients, read once for the whole batch."""

    def __init__(self, visits: Iterable[Visit]) -> None:
        self.visits: dict[UUID, list[Visit]] = defaultdict(list)
        self.packages: dict[UUID, list[Any]] = defaultdict(list)
        self.redemptions: dict[UUID, list[Any]] = defaultdict(list)
        self.recalls: dict[UUID, Recall] = {}
        for visit in visits:
            self.visits[visit.patient_id].append(visit)

    def sessions(self) -> Iterator[Visit]:
        """Completed here, and something was needled: each has a recall."""
        for visits in self.visits.values():
            yield from (each for each in visits if each.completed_at is not None and each.modality.needles)

    def used_until(self, visit: Visit) -> list[Any]:
        """What was used up by this visit and those before it: a later one does not rewrite this decision."""
        later = {each.id for each in self.visits[visit.patient_id] if each.starts_at > visit.starts_at}
        return [each for each in self.redemptions[visit.patient_id] if each.appointment_id not in later]

    async def read(self, tx: Tx) -> None:
        patients = list({visit.patient_id for visit in self.sessions()})
        if not patients:
            return
        for package in await _BOUGHT(tx, patients=patients):
            self.packages[package.patient_id].append(package)
        for used in await _USED(tx, patients=patients):
            self.redemptions[used.patient_id].append(used)
        found = await _STANDING(tx, patients=patients)
        self.recalls = {row.appointment_id: Recall(**row._asdict()) for row in found}


async def follow(tx: Tx, visits: Iterable[Visit], *, at: Mapping[UUID, datetime]) -> Sequence[tuple[UUID, RecallFact]]:
    """Decide every recall of these visits' patients; answers the facts, each with the session it is about.

    `at` says when the news about each patient happened.
    """
    known = Known(visits)
    await known.read(tx)
    told: list[tuple[UUID, RecallFact]] = []
    news = []
    for visit in known.sessions():
        before = _columns(known.recalls.get(visit.id))
        told += [(visit.id, fact) for fact in _decide(known, visit, at=at[visit.patient_id])]
        if (now := _columns(known.recalls[visit.id])) != before:
            news.append(now)
    if news:
        await _KEEP(tx, **_RECALLS.of(news))
    await _take_back_invitations(tx, known.recalls.values())
    return told


def _decide(known: Known, visit: Visit, *, at: datetime) -> Iterator[RecallFact]:
    performed_on = visit.performed_on or visit.local_start.date()
    left = remaining(visit, performed_on, known.packages[visit.patient_id], known.used_until(visit))
    decision = decide(visit, performed_on, remaining=left)
    recall = known.recalls.get(visit.id)
    if recall is None:
        recall, scheduled = Recall.decide(visit, decision, at=at)
        known.recalls[visit.id] = recall
        yield scheduled
    yield from recall.follow(decision, next_visit(visit, known.visits[visit.patient_id]), at=at)


def _columns(recall: Recall | None) -> dict[str, Any]:
    """A recall as it is now."""
    return {name: getattr(recall, name) for name in _RECALLS.names} if recall else {}


async def _take_back_invitations(tx: Tx, recalls: Iterable[Recall]) -> None:
    """What is no longer due was never said."""
    if waiting := [each.id for each in recalls if each.state is not RecallState.DUE]:
        await _TAKE_BACK(tx, recalls=waiting)


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
