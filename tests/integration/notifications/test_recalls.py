"""Each needling session leads to one recall, which a booking closes and a cancellation opens again."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from chassis.clock import new_id
from contracts.booking import AppointmentCancelled, AppointmentStatus
from contracts.envelope import Fact
from services.notifications.app import build
from services.notifications.messages.model import Message
from services.notifications.recalls.model import Recall
from services.notifications.settings import NotificationsSettings
from tests.integration.conftest import MoveIn
from tests.support.house import House, Plan, plan
from tests.support.notifications import (
    AddressBook,
    a_booking,
    a_location,
    a_package,
    completed,
    redeemed,
    run,
    tell,
    then,
)
from tests.support.tokens import a_member_of_staff

HUDSON = a_location()
NOTIFICATIONS = plan(build, NotificationsSettings)


def with_addresses(book: AddressBook) -> Plan:
    return plan(lambda each: build(each, book), NotificationsSettings)


async def recalls(house: House) -> Sequence[Recall]:
    async with house.running["notifications"].context.db.reading() as tx:
        return (await tx.scalars(select(Recall).order_by(Recall.id))).all()


async def recall(house: House) -> tuple[str, date, str]:
    only = (await recalls(house))[0]
    return only.reason.value, only.due_on, only.state.value


async def invitations(house: House) -> list[tuple[str, str]]:
    async with house.running["notifications"].context.db.reading() as tx:
        found = await tx.scalars(select(Message).where(Message.recall_id.is_not(None)))
        return [(each.template.value, each.state.value) for each in found]


async def test_with_sessions_left_the_next_is_due_in_five_weeks(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    done = completed(a_booking(HUDSON))
    package = a_package(done, sessions=3)

    await tell(house, "notifications", HUDSON, package, done)
    await tell(house, "notifications", redeemed(package, done, remaining=2))
    await house.settle()

    assert await recall(house) == ("series", date(2027, 1, 7), "open")
    assert len(house.facts("notifications.recall-scheduled")) == 1


async def test_after_the_last_session_a_touch_up_is_due_in_half_a_year(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    done = completed(a_booking(HUDSON))

    await tell(house, "notifications", HUDSON, a_package(done, sessions=1), done)

    assert await recall(house) == ("maintenance", date(2027, 5, 20), "open")


async def test_a_package_bought_at_the_way_out_changes_the_decision(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    done = completed(a_booking(HUDSON))

    await tell(house, "notifications", HUDSON, done)
    await tell(house, "notifications", a_package(done, sessions=3, at=done.at + timedelta(minutes=5)))
    await house.settle()

    assert await recall(house) == ("series", date(2027, 1, 7), "open")
    told = house.facts("notifications.recall-scheduled")
    assert [(each["version"], each["reason"]) for each in told] == [(1, "maintenance"), (2, "series")]


async def test_what_was_booked_before_the_session_answers_its_recall_at_once(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    first = a_booking(HUDSON)
    next_ = a_booking(HUDSON, patient_id=first.patient_id, starts_at=first.starts_at + timedelta(days=30))

    await tell(house, "notifications", HUDSON, first, next_)
    await tell(house, "notifications", completed(first))

    assert (await recall(house))[2] == "closed"


async def test_a_booking_closes_it_and_a_cancellation_opens_it_again(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    done = completed(a_booking(HUDSON))
    elsewhere = a_location()
    start = done.starts_at + timedelta(days=30)
    next_ = a_booking(elsewhere, patient_id=done.patient_id, starts_at=start, at=done.at + timedelta(days=1))
    cancelled = then(
        next_, AppointmentCancelled, AppointmentStatus.CANCELLED_BY_PATIENT, at=done.at + timedelta(days=2)
    )

    await tell(house, "notifications", HUDSON, done)
    await tell(house, "notifications", next_)
    closed = await recall(house)
    await tell(house, "notifications", cancelled)
    await house.settle()

    assert closed[2] == "closed"
    assert (await recall(house))[2] == "open"
    facts = [each for each in house.published if each.envelope.aggregate == "recall"]
    assert [each.envelope.type.partition(".")[2] for each in facts] == [
        "recall-scheduled",
        "recall-closed",
        "recall-scheduled",
    ]
    assert facts[1].body["booked_appointment_id"] == str(next_.appointment_id)


async def test_a_series_booked_ahead_leaves_no_recall_open(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    first = a_booking(HUDSON)
    second = a_booking(HUDSON, patient_id=first.patient_id, starts_at=first.starts_at + timedelta(days=35))

    await tell(house, "notifications", HUDSON, first, second, completed(first))

    assert (await recall(house))[2] == "closed"


async def test_the_day_comes_and_the_patient_is_invited_once(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    done = completed(a_booking(HUDSON))
    book.enter(done.patient_id)
    await tell(house, "notifications", HUDSON, a_package(done, sessions=3), done)

    house.clock.set(done.at + timedelta(days=35, hours=-4))
    assert await run(house, "open_recalls") == 0
    house.clock.advance(timedelta(hours=6))
    for _ in range(2):
        await run(house, "open_recalls")
        await run(house, "send_due")
    await house.settle()

    assert (await recall(house))[2] == "due"
    assert await invitations(house) == [("recall_series", "sent")]
    assert len(house.facts("notifications.recall-due")) == 1


async def test_who_books_just_before_the_invitation_goes_is_not_invited(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    done = completed(a_booking(HUDSON))
    book.enter(done.patient_id)
    await tell(house, "notifications", HUDSON, done)
    house.clock.set(done.at + timedelta(days=169))
    await run(house, "open_recalls")
    waiting = await invitations(house)

    now = house.clock.now()
    again = a_booking(HUDSON, patient_id=done.patient_id, starts_at=now + timedelta(days=5), at=now)
    await tell(house, "notifications", again)
    await run(house, "send_due")

    assert waiting == [("recall_maintenance", "scheduled")]
    assert await invitations(house) == []
    assert (await recall(house))[2] == "closed"


async def test_who_was_invited_booked_and_cancelled_is_not_invited_twice(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    done = completed(a_booking(HUDSON))
    book.enter(done.patient_id)
    await tell(house, "notifications", HUDSON, done)
    house.clock.set(done.at + timedelta(days=169))
    await run(house, "open_recalls")
    await run(house, "send_due")

    now = house.clock.now()
    again = a_booking(HUDSON, patient_id=done.patient_id, starts_at=now + timedelta(days=5), at=now)
    cancelled = then(again, AppointmentCancelled, AppointmentStatus.CANCELLED_BY_PATIENT, at=now)
    await tell(house, "notifications", again)
    await tell(house, "notifications", cancelled)
    await run(house, "open_recalls")
    await run(house, "send_due")

    assert (await recall(house))[2] == "due"
    assert await invitations(house) == [("recall_maintenance", "sent")]


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_and_any_number_of_tellings_ends_in_the_same_recalls(move_in: MoveIn, seed: int) -> None:
    first = a_booking(HUDSON)
    done = completed(first)
    package = a_package(first, sessions=2)
    start = first.starts_at + timedelta(days=35)
    second = a_booking(HUDSON, patient_id=first.patient_id, starts_at=start, ends_at=start + timedelta(hours=1))
    done_again = completed(second)
    third = a_booking(HUDSON, patient_id=first.patient_id, starts_at=start + timedelta(days=60))
    dropped = then(third, AppointmentCancelled, AppointmentStatus.LATE_CANCEL, at=third.starts_at)
    facts: list[Fact] = [HUDSON, first, package, done, redeemed(package, done, remaining=1), second, done_again]
    facts += [redeemed(package, done_again, remaining=0), third, dropped]
    straight, mixed = await move_in(NOTIFICATIONS), await move_in(NOTIFICATIONS)
    shuffled = facts * 3
    random.Random(seed).shuffle(shuffled)

    for fact in facts:
        await tell(straight, "notifications", fact)
    for fact in shuffled:
        await tell(mixed, "notifications", fact)

    assert await essence(mixed) == await essence(straight)
    assert [each[1:] for each in await essence(mixed)] == [
        ("series", date(2027, 1, 7), "closed", second.appointment_id),
        ("maintenance", done_again.performed_on + timedelta(days=168), "open", None),
    ]


async def essence(house: House) -> list[tuple[Any, ...]]:
    found = sorted(await recalls(house), key=lambda each: each.due_on)
    return [
        (each.appointment_id, each.reason.value, each.due_on, each.state.value, each.booked_appointment_id)
        for each in found
    ]


async def test_the_list_shows_the_most_urgent_first_page_by_page_and_only_one_s_own(move_in: MoveIn) -> None:
    house = await move_in(NOTIFICATIONS)
    done = [completed(a_booking(HUDSON)) for _ in range(3)]
    await tell(house, "notifications", HUDSON, *done, a_package(done[2], sessions=4))
    here = house.client("notifications", a_member_of_staff("front_desk", at=HUDSON.location_id))
    elsewhere = house.client("notifications", a_member_of_staff("front_desk", at=new_id()))

    first = (await here.get("/recalls", params={"limit": 2})).json()
    rest = (await here.get("/recalls", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    latest = (await here.get("/recalls", params={"limit": 2, "sort": "-due_on"})).json()
    earliest = (
        await here.get("/recalls", params={"limit": 2, "sort": "-due_on", "cursor": latest["next_cursor"]})
    ).json()

    most_urgent_first = first["items"] + rest["items"]
    assert [each["reason"] for each in most_urgent_first] == ["series", "maintenance", "maintenance"]
    assert latest["items"] + earliest["items"] == most_urgent_first[::-1]
    assert rest["next_cursor"] is None
    assert (await elsewhere.get("/recalls")).json()["items"] == []
