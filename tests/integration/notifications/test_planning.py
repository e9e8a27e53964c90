"""Whatever happens to a visit, and in whatever order it is heard, the patient will be told the right things once."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.booking import (
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentImported,
    AppointmentMoved,
    AppointmentStatus,
    PatientArrived,
)
from contracts.notifications import Template
from contracts.values import Modality
from services.notifications.app import build
from services.notifications.messages.model import Message, State
from services.notifications.settings import NotificationsSettings
from tests.integration.conftest import MoveIn
from tests.support.house import NOON, House, plan
from tests.support.notifications import a_booking, a_location, completed, in_every_order, tell, then

NOTIFICATIONS = plan(build, NotificationsSettings)
LATER = NOON + timedelta(hours=3)


async def waiting(house: House, appointment_id: UUID) -> Sequence[Message]:
    async with house.running["notifications"].context.db.reading() as tx:
        found = await tx.scalars(
            select(Message)
            .where(Message.appointment_id == appointment_id, Message.state == State.SCHEDULED)
            .order_by(Message.send_at, Message.id)
        )
        return found.all()


async def test_a_booking_is_confirmed_now_and_remembered_twice(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    booking = a_booking()

    await tell(house, "notifications", booking)

    assert [(each.template, each.send_at) for each in await waiting(house, booking.appointment_id)] == [
        (Template.BOOKING_CONFIRMATION, NOON),
        (Template.REMINDER_72H, booking.starts_at - timedelta(hours=72)),
        (Template.REMINDER_24H, booking.starts_at - timedelta(hours=24)),
    ]


async def test_a_move_takes_back_what_was_not_said_and_plans_anew(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    booking = a_booking()
    starts_at = booking.starts_at + timedelta(days=7)
    moved = then(
        booking,
        AppointmentMoved,
        AppointmentStatus.BOOKED,
        at=LATER,
        sequence=1,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=90),
        local_start=booking.local_start + timedelta(days=7),
    )

    await tell(house, "notifications", booking)
    await tell(house, "notifications", moved)

    assert [(each.template, each.sequence) for each in await waiting(house, booking.appointment_id)] == [
        (Template.BOOKING_MOVED, 1),
        (Template.REMINDER_72H, 1),
        (Template.REMINDER_24H, 1),
    ]


async def test_a_cancelled_visit_wants_nothing_but_to_say_so(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    booking = a_booking()
    cancelled = then(booking, AppointmentCancelled, AppointmentStatus.CANCELLED_BY_CLINIC, at=LATER)

    await tell(house, "notifications", booking)
    await tell(house, "notifications", cancelled)

    assert [each.template for each in await waiting(house, booking.appointment_id)] == [Template.BOOKING_CANCELLED]


async def test_a_completed_needling_session_is_followed_for_four_weeks(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    done = completed(a_booking())

    messages = await tell(house, "notifications", done)
    await house.settle()

    assert [each.template for each in await waiting(house, done.appointment_id)] == [
        Template.AFTERCARE_H2,
        Template.AFTERCARE_H24,
        Template.AFTERCARE_D3,
        Template.AFTERCARE_D7,
        Template.AFTERCARE_D28,
    ]
    assert [fact["messages"] for fact in house.facts("notifications.aftercare-scheduled")] == [5]
    told = {each.envelope.type: each.envelope for each in house.published}
    assert {each.causationid for each in told.values()} == {messages[0].id}
    assert {each.correlationid for each in told.values()} == {messages[0].envelope.correlationid}


async def test_a_consultation_has_no_aftercare_and_says_so(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    done = completed(a_booking(modality=Modality.NONE))

    await tell(house, "notifications", done)
    await house.settle()

    assert await waiting(house, done.appointment_id) == []
    assert [fact["messages"] for fact in house.facts("notifications.aftercare-scheduled")] == [0]
    assert house.facts("notifications.recall-scheduled") == []


async def test_history_of_another_system_writes_to_nobody(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    past = a_booking()
    states = [AppointmentStatus.COMPLETED, AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED_BY_PATIENT]
    imported = [
        then(past, AppointmentImported, status, at=past.ends_at + timedelta(days=30), appointment_id=UUID(int=number))
        for number, status in enumerate(states)
    ]

    await tell(house, "notifications", *imported)
    await house.settle()

    assert [await waiting(house, each.appointment_id) for each in imported] == [[], [], []]
    assert house.published == []


async def test_a_visit_to_come_of_another_system_is_reminded_of_but_not_announced_again(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    booked = a_booking(version=2)
    imported = then(booked, AppointmentImported, AppointmentStatus.BOOKED, at=booked.at, version=1)

    await tell(house, "notifications", imported)
    await tell(house, "notifications", booked)

    templates = [each.template for each in await waiting(house, booked.appointment_id)]
    assert templates == [Template.REMINDER_72H, Template.REMINDER_24H]


@pytest.mark.parametrize("seed", range(5))
async def test_any_order_and_any_number_of_tellings_ends_in_the_same_messages(move_in: MoveIn, seed: int) -> None:
    place = a_location()
    moved_to = a_booking(place).starts_at + timedelta(days=1)
    kept = a_booking(place)
    confirmed = then(kept, AppointmentConfirmed, AppointmentStatus.CONFIRMED, at=LATER)
    dropped = a_booking(place)
    moved = then(dropped, AppointmentMoved, AppointmentStatus.BOOKED, at=LATER, sequence=1, starts_at=moved_to)
    cancelled = then(moved, AppointmentCancelled, AppointmentStatus.CANCELLED_BY_PATIENT, at=LATER + timedelta(days=1))
    treated = a_booking(place)
    arrived = then(treated, PatientArrived, AppointmentStatus.CHECKED_IN, at=treated.starts_at)
    facts = [place, kept, confirmed, dropped, moved, cancelled, treated, arrived, completed(arrived)]
    straight, mixed = await move_in(NOTIFICATIONS), await move_in(NOTIFICATIONS)

    for fact in facts:
        await tell(straight, "notifications", fact)
    for fact in in_every_order(facts, seed):
        await tell(mixed, "notifications", fact)

    assert await everything(mixed) == await everything(straight)
    await mixed.settle()
    assert len(mixed.facts("notifications.aftercare-scheduled")) == 1
    assert len(mixed.facts("notifications.recall-scheduled")) == 1


async def everything(house: House) -> list[tuple[object, ...]]:
    async with house.running["notifications"].context.db.reading() as tx:
        found = await tx.scalars(select(Message))
        return sorted(
            (str(each.appointment_id), each.sequence, each.template, each.state, each.send_at) for each in found
        )
