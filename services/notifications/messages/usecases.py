"""What may be asked of messages: plan them, claim the due ones, note what became of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, tuple_, update

from chassis.compiled import Statement
from chassis.db import Tx
from chassis.many import Many, among
from chassis.outbox import emit
from contracts.values import Channel
from services.notifications.channels import Letter, Outcome
from services.notifications.messages import queries
from services.notifications.messages.judging import (
    INVITATIONS,
    Circumstances,
    Contact,
    Drop,
    Go,
    Wait,
    judge,
    zone_of,
)
from services.notifications.messages.model import MESSAGES, PLANNED, FailureReason, Message, State, scheduled
from services.notifications.messages.planning import wanted
from services.notifications.templates.letters import Occasion, write
from services.notifications.visits import usecases as visits
from services.notifications.visits.model import Place, Visit

TRY_AGAIN_AFTER = timedelta(minutes=5)

_ROWS = MESSAGES.c
_STANDING = Statement(
    select(
        _ROWS.id, _ROWS.appointment_id, _ROWS.sequence, _ROWS.template, _ROWS.state, _ROWS.send_at, _ROWS.useful_until
    ).where(among(Message.appointment_id, "visits"), _ROWS.recall_id.is_(None))
)
_WAITS = _ROWS.state == State.SCHEDULED
_SCHEDULED = Many(MESSAGES, *PLANNED)
_SCHEDULE = Statement(_SCHEDULED.insert())
_MOVED = Many(MESSAGES, "id", "send_at", "useful_until")
_MOVE = Statement(
    update(MESSAGES)
    .where(_ROWS.id == _MOVED.c.id, _WAITS)
    .values(send_at=_MOVED.c.send_at, useful_until=_MOVED.c.useful_until)
)
_TAKE_BACK = Statement(delete(MESSAGES).where(among(Message.id, "ids"), _WAITS))


async def plan(tx: Tx, touched: Iterable[Visit], *, channel: Channel) -> None:
    """Bring the waiting messages in line with what the visits want now; what went out stays as it is.

    What is no longer wanted was never said, so it is taken back without a trace: the visit's own facts say why.
    """
    visits_ = {visit.id: visit for visit in touched}
    found = await _STANDING(tx, visits=list(visits_))
    standing = {(each.appointment_id, each.sequence, each.template): each for each in found}
    new, moved = [], []
    for visit in visits_.values():
        for want in wanted(visit):
            message = standing.pop((visit.id, visit.sequence, want.template), None)
            if message is None:
                new.append(scheduled(want, visit, channel=channel))
            elif (message.send_at, message.useful_until) != (want.send_at, want.useful_until):
                moved.append({"id": message.id, "send_at": want.send_at, "useful_until": want.useful_until})
    if new:
        await _SCHEDULE(tx, **_SCHEDULED.of(new))
    if moved:
        await _MOVE(tx, **_MOVED.of(moved))
    if stale := [each.id for each in standing.values() if each.state is State.SCHEDULED]:
        await _TAKE_BACK(tx, ids=stale)


@dataclass(frozen=True, slots=True)
class Due:
    """A message whose time has come, seen before its patient was asked for."""

    id: UUID
    patient_id: UUID
    send_at: datetime


async def due(tx: Tx, *, now: datetime, after: Due | None, limit: int) -> list[Due]:
    """The next messages to look at, in the order of their time; those of a location not heard of yet wait for it."""
    chosen = (
        select(Message.id, Message.patient_id, Message.send_at)
        .join(Place, Place.id == Message.location_id)
        .where(Message.state == State.SCHEDULED, Message.send_at <= now)
        .order_by(Message.send_at, Message.id)
        .limit(limit)
    )
    if after is not None:
        chosen = chosen.where(tuple_(Message.send_at, Message.id) > (after.send_at, after.id))
    return [Due(row.id, row.patient_id, row.send_at) for row in await tx.execute(chosen)]


async def claim(
    tx: Tx, chosen: Sequence[Due], contacts: Mapping[UUID, Contact | None], *, a_day_max: int, now: datetime
) -> list[Letter]:
    """Judge each message again with its patient held, and mark those that go as being sent; the caller sends them."""
    await visits.hold(tx, [each.patient_id for each in chosen])
    rows = await queries.with_circumstances(tx, [each.id for each in chosen])
    claimed = await queries.claimed_lately(tx, [each.patient_id for each in chosen], now=now)
    letters = []
    for row in rows:
        message: Message = row.Message
        about = _circumstances(row, claimed.get(message.patient_id, []), a_day_max)
        match judge(message, contacts.get(message.patient_id), about, now=now):
            case Go(contact):
                letters.append(_claim(row, contact, now=now))
                claimed.setdefault(message.patient_id, []).append(now)
            case Wait(until):
                message.postpone(until)
            case Drop(reason):
                emit(tx, message.suppress(reason, at=now))
    return letters


def _circumstances(row: queries.Situation, claimed: list[datetime], most: int) -> Circumstances:
    message, visit, _, recall_due, booked_again = row
    if message.recall_id is not None:
        wanted_still = recall_due
    else:
        templates = {each.template for each in wanted(visit)}
        wanted_still = message.sequence == visit.sequence and message.template in templates
    invites = message.template in INVITATIONS
    return Circumstances(wanted_still, invites and booked_again, tuple(claimed), most)


def _claim(row: queries.Situation, contact: Contact, *, now: datetime) -> Letter:
    message, visit, place, _, _ = row
    letter = write(Occasion(message, visit, place), contact, at=now, zone=zone_of(contact))
    message.claim(subject=letter.subject, body=letter.text, at=now)
    return letter


async def note(tx: Tx, outcomes: Mapping[UUID, Outcome], *, now: datetime) -> None:
    """What the channel said of each message that was being sent."""
    found = await tx.scalars(
        select(Message).where(Message.id.in_(outcomes), Message.state == State.SENDING).order_by(Message.id)
    )
    for message in found:
        match outcomes[message.id]:
            case Outcome.TAKEN:
                emit(tx, message.sent(at=now))
            case Outcome.REFUSED:
                emit(tx, message.fail(FailureReason.REFUSED, at=now))
            case Outcome.UNKNOWN:
                emit(tx, message.fail(FailureReason.OUTCOME_UNKNOWN, at=now))
            case Outcome.NOT_NOW:
                message.give_back(until=now + TRY_AGAIN_AFTER)


async def give_up_lost(tx: Tx, *, claimed_before: datetime, now: datetime) -> int:
    """A process died while it was sending: whether those went out is unknown, so they are not sent again (NT-17)."""
    lost = (
        await tx.scalars(
            select(Message)
            .where(Message.state == State.SENDING, Message.claimed_at < claimed_before)
            .order_by(Message.id)
            .with_for_update(skip_locked=True)
        )
    ).all()
    for message in lost:
        emit(tx, message.fail(FailureReason.OUTCOME_UNKNOWN, at=now))
    return len(lost)
