"""Bookings and sendings at the same moment: nobody waits in a circle, and nobody is invited who has just booked."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.notifications.app import build
from services.notifications.messages.model import Message
from services.notifications.recalls.model import Recall
from services.notifications.settings import NotificationsSettings
from tests.integration.conftest import MoveIn
from tests.support.house import plan
from tests.support.notifications import AddressBook, a_booking, a_location, completed, run, tell

PATIENTS = 30


async def test_who_books_while_invitations_go_out_is_invited_before_that_or_not_at_all(move_in: MoveIn) -> None:
    book, place = AddressBook(), a_location()
    house = await move_in(plan(lambda each: build(each, book), NotificationsSettings))
    done = [completed(a_booking(place)) for _ in range(PATIENTS)]
    for each in done:
        book.enter(each.patient_id)
    await tell(house, "notifications", place, *done)
    house.clock.set(done[0].at + timedelta(days=169))
    now = house.clock.now()
    await run(house, "open_recalls")
    bookings = [
        a_booking(place, patient_id=each.patient_id, at=now, starts_at=now + timedelta(days=9)) for each in done
    ]
    heard_by_three = [bookings[start::3] for start in range(3)]

    batches = (tell(house, "notifications", *reversed(each)) for each in heard_by_three)
    await asyncio.gather(run(house, "send_due"), *batches)
    await run(house, "send_due")
    await house.settle()

    async with house.running["notifications"].context.db.reading() as tx:
        recalls = {each.id: each for each in await tx.scalars(select(Recall))}
        invitations = (await tx.scalars(select(Message).where(Message.recall_id.is_not(None)))).all()
    assert {each.state.value for each in recalls.values()} == {"closed"}
    assert {each.state.value for each in invitations} <= {"sent"}
    assert len(house.facts("notifications.recall-closed")) == PATIENTS


async def test_two_consumers_that_hear_of_the_same_patients_in_other_orders_both_finish(move_in: MoveIn) -> None:
    house, place = await move_in(plan(build, NotificationsSettings)), a_location()
    first = [a_booking(place) for _ in range(40)]
    second = [a_booking(place, patient_id=each.patient_id) for each in first]

    await asyncio.gather(
        tell(house, "notifications", *first),
        tell(house, "notifications", *reversed(second)),
        tell(house, "notifications", *(completed(each) for each in first[::-1])),
    )

    async with house.running["notifications"].context.db.reading() as tx:
        recalls = (await tx.scalars(select(Recall))).all()
    assert len(recalls) == 40


@pytest.mark.fault("F20", dose="two processes send at once", holds="I13")
async def test_two_processes_that_send_at_once_send_each_message_once(move_in: MoveIn) -> None:
    """As they would if the lock of one got lost while it was at work (I13)."""
    book, place = AddressBook(), a_location()
    house = await move_in(plan(lambda each: build(each, book), NotificationsSettings))
    running = house.running["notifications"]
    bookings = [a_booking(place) for _ in range(PATIENTS)]
    for each in bookings:
        book.enter(each.patient_id)
    send_due, open_recalls = (timer.do for timer in running.service.timers)

    await tell(house, "notifications", place, *bookings)
    await asyncio.gather(*(send_due(running.context) for _ in range(3)))
    await tell(house, "notifications", *(completed(each) for each in bookings))
    house.clock.set(bookings[0].starts_at + timedelta(days=169))
    await asyncio.gather(*(open_recalls(running.context) for _ in range(3)))
    await house.settle()

    sent = [each["message_id"] for each in house.facts("notifications.message-sent")]
    due = [each["appointment_id"] for each in house.facts("notifications.recall-due")]
    assert (len(sent), len(set(sent))) == (PATIENTS, PATIENTS)
    assert (len(due), len(set(due))) == (PATIENTS, PATIENTS)
