"""A message goes out once, if it is still true, at an hour at which the patient is awake."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.context import Context
from chassis.errors import Unavailable
from contracts.booking import AppointmentCancelled, AppointmentMoved, AppointmentStatus
from contracts.notifications import Template
from contracts.values import PatientId
from services.notifications.app import build
from services.notifications.messages import usecases as messages
from services.notifications.messages.contacts import Contacts
from services.notifications.messages.judging import Contact
from services.notifications.messages.model import Message
from services.notifications.settings import NotificationsSettings
from tests.integration.conftest import MoveIn
from tests.support.house import House, Plan, plan
from tests.support.notifications import AddressBook, a_booking, a_location, completed, run, tell, then

HUDSON = a_location()


def with_addresses(book: AddressBook, **settings: Any) -> Plan:
    return plan(lambda each: build(each, book), NotificationsSettings, **settings)


async def told(house: House) -> Sequence[Message]:
    """Every message, by template."""
    async with house.running["notifications"].context.db.reading() as tx:
        return (await tx.scalars(select(Message).order_by(Message.send_at, Message.id))).all()


async def states(house: House) -> list[tuple[str, str, str | None]]:
    return [(each.template.value, each.state.value, each.reason) for each in await told(house)]


async def test_a_confirmation_goes_out_once_with_its_words_kept(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    booking = a_booking(HUDSON)
    book.enter(booking.patient_id)
    await tell(house, "notifications", HUDSON, booking)

    await run(house, "send_due")
    await run(house, "send_due")
    await house.settle()

    message = (await told(house))[0]
    assert message.subject == "Your appointment at Hudson Yards Clinic"
    assert message.body is not None
    assert (
        "Hi Ada,\n\nYour appointment at Hudson Yards Clinic is booked for Thursday, December 3 at 10:00 AM."
        in message.body
    )
    assert [fact["template"] for fact in house.facts("notifications.message-sent")] == ["booking_confirmation"]
    assert "Ada" not in str([each.body for each in house.published])


async def test_a_visit_cancelled_before_the_reminder_is_not_reminded_of(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    booking = a_booking(HUDSON)
    book.enter(booking.patient_id)
    await tell(house, "notifications", HUDSON, booking)
    await run(house, "send_due")

    cancelled = then(booking, AppointmentCancelled, AppointmentStatus.CANCELLED_BY_PATIENT, at=house.clock.now())
    await tell(house, "notifications", cancelled)
    house.clock.set(booking.starts_at - timedelta(hours=24))
    await run(house, "send_due")

    sent = [template for template, state, _ in await states(house) if state == "sent"]
    assert sent == ["booking_confirmation", "booking_cancelled"]
    assert not {"reminder_72h", "reminder_24h"} & {template for template, _, _ in await states(house)}


async def test_every_message_of_a_visit_goes_out_on_its_day(move_in: MoveIn) -> None:
    """Two hours at a time through seven weeks, as the clock of a simulated chain goes."""
    book = AddressBook()
    house = await move_in(with_addresses(book))
    booking = a_booking(HUDSON)
    book.enter(booking.patient_id)
    await tell(house, "notifications", HUDSON, booking)

    while house.clock.now() < booking.starts_at + timedelta(days=40):
        await run(house, "send_due")
        await run(house, "open_recalls")
        house.clock.advance(timedelta(hours=2))
        if house.clock.now() == booking.starts_at + timedelta(hours=4):
            await tell(house, "notifications", completed(booking))

    sent = [each for each in await told(house) if each.sent_at]
    by_day = [(each.template.value, (each.send_at - booking.starts_at).days) for each in sent]
    assert by_day == [
        ("booking_confirmation", -10),
        ("reminder_72h", -3),
        ("reminder_24h", -1),
        ("aftercare_h2", 0),
        ("aftercare_h24", 1),
        ("aftercare_d3", 3),
        ("aftercare_d7", 7),
        ("aftercare_d28", 28),
    ]


async def test_the_contact_is_asked_for_once_a_round_and_kept_nowhere(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    first = a_booking(HUDSON)
    second = a_booking(HUDSON, patient_id=first.patient_id)
    book.enter(first.patient_id)

    await tell(house, "notifications", HUDSON, first, second)
    await run(house, "send_due")

    assert book.asked == [first.patient_id]
    kept = [str(vars(each)) for each in await told(house)]
    assert not [each for each in kept if "ada@" in each]


async def test_in_the_patient_s_night_it_waits_until_eight_in_the_patient_s_morning(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    at_six_in_california = house.clock.now() - timedelta(hours=3)
    house.clock.set(at_six_in_california)
    booking = a_booking(HUDSON, at=at_six_in_california)
    book.enter(booking.patient_id, zone="America/Los_Angeles")

    await tell(house, "notifications", HUDSON, booking)
    await run(house, "send_due")
    waiting = (await told(house))[0]
    house.clock.advance(timedelta(hours=2))
    await run(house, "send_due")

    assert (waiting.state, waiting.send_at) == ("scheduled", at_six_in_california + timedelta(hours=2))
    assert (await states(house))[0] == ("booking_confirmation", "sent", None)


@pytest.mark.parametrize(
    ("contact", "reason"),
    [(None, "no_contact"), ({"email": None}, "no_contact"), ({"accepts_email": False}, "opted_out")],
)
async def test_who_can_not_be_written_to_is_told_nothing_and_that_is_a_fact(
    move_in: MoveIn, contact: dict[str, Any] | None, reason: str
) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    booking = a_booking(HUDSON)
    if contact is not None:
        book.enter(booking.patient_id, **contact)
    await tell(house, "notifications", HUDSON, booking)

    await run(house, "send_due")
    await house.settle()

    assert (await states(house))[0] == ("booking_confirmation", "suppressed", reason)
    assert [fact["reason"] for fact in house.facts("notifications.message-suppressed")] == [reason]


async def test_a_patient_hears_from_us_three_times_a_day_at_most(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book, messages_a_day_max=3))
    first = a_booking(HUDSON)
    book.enter(first.patient_id)
    others = [a_booking(HUDSON, patient_id=first.patient_id) for _ in range(3)]

    await tell(house, "notifications", HUDSON, first, *others)
    await run(house, "send_due")
    today = sorted(state for template, state, _ in await states(house) if template == "booking_confirmation")
    house.clock.advance(timedelta(days=1))
    await run(house, "send_due")
    tomorrow = {state for template, state, _ in await states(house) if template == "booking_confirmation"}

    assert today == ["scheduled", "sent", "sent", "sent"]
    assert tomorrow == {"sent"}


async def test_a_reminder_that_comes_too_late_is_not_sent(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    booking = a_booking(HUDSON)
    book.enter(booking.patient_id)
    await tell(house, "notifications", HUDSON, booking)

    house.clock.set(booking.starts_at + timedelta(minutes=1))
    await run(house, "send_due")

    assert {(state, reason) for _, state, reason in await states(house)} == {("suppressed", "too_late")}


async def test_what_changed_between_the_look_and_the_claim_is_not_sent(move_in: MoveIn) -> None:
    """The address is asked for outside of a transaction; the visit moves just then."""
    house: House

    class MovesMeanwhile(AddressBook):
        async def __call__(self, context: Context, patient_ids: Iterable[UUID]) -> Mapping[UUID, Contact | None]:
            moved = then(booking, AppointmentMoved, AppointmentStatus.BOOKED, at=house.clock.now(), sequence=1)
            await tell(house, "notifications", moved)
            return await super().__call__(context, patient_ids)

    book = MovesMeanwhile()
    house = await move_in(with_addresses(book))
    booking = a_booking(HUDSON)
    book.enter(booking.patient_id)
    await tell(house, "notifications", HUDSON, booking)

    await run(house, "send_due")

    announced = [each for each in await states(house) if each[0].startswith("booking")]
    assert announced == [("booking_moved", "sent", None)]


async def test_a_message_found_half_way_after_a_crash_is_not_sent_again(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book, sending_lost_after_seconds=300))
    booking = a_booking(HUDSON)
    book.enter(booking.patient_id)
    await tell(house, "notifications", HUDSON, booking)
    now = house.clock.now()
    async with house.running["notifications"].context.db.transaction() as tx:
        chosen = await messages.due(tx, now=now, after=None, limit=10)
        claimed = await messages.claim(tx, chosen, book.entries, a_day_max=3, now=now)

    await run(house, "send_due")
    meanwhile = (await states(house))[0]
    house.clock.advance(timedelta(seconds=301))
    await run(house, "send_due")
    await house.settle()

    assert len(claimed) == 1
    assert meanwhile == ("booking_confirmation", "sending", None)
    assert (await states(house))[0] == ("booking_confirmation", "failed", "outcome_unknown")
    assert len(house.facts("notifications.message-failed")) == 1
    assert house.facts("notifications.message-sent") == []


async def test_a_place_not_heard_of_yet_holds_its_messages_back(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    booking = a_booking(HUDSON)
    book.enter(booking.patient_id)

    await tell(house, "notifications", booking)
    await run(house, "send_due")
    before = (await states(house))[0]
    await tell(house, "notifications", HUDSON)
    await run(house, "send_due")

    assert before == ("booking_confirmation", "scheduled", None)
    assert (await states(house))[0] == ("booking_confirmation", "sent", None)


async def test_one_contact_that_does_not_come_holds_up_nobody_else(move_in: MoveIn) -> None:
    silent, other = a_booking(HUDSON), a_booking(HUDSON)

    async def ask(_: Context, patient_ids: Iterable[UUID]) -> Contacts:
        ada = Contact(given_name="Ada", email="ada@example.com", zone=HUDSON.zone)
        return {each: ada for each in patient_ids if each != silent.patient_id}

    house = await move_in(plan(lambda each: build(each, ask), NotificationsSettings))
    await tell(house, "notifications", HUDSON, silent, other)

    await run(house, "send_due")

    sent = {each.appointment_id for each in await told(house) if each.sent_at}
    assert sent == {other.appointment_id}


async def test_when_booking_is_away_nothing_is_lost(move_in: MoveIn) -> None:
    house = await move_in(plan(build, NotificationsSettings))
    await tell(house, "notifications", HUDSON, a_booking(HUDSON))

    with pytest.raises(Unavailable):
        await run(house, "send_due")

    assert (await states(house))[0] == ("booking_confirmation", "scheduled", None)


async def test_a_thousand_messages_go_in_one_round(move_in: MoveIn) -> None:
    book = AddressBook()
    house = await move_in(with_addresses(book))
    bookings = [a_booking(HUDSON) for _ in range(1000)]
    for each in bookings:
        book.enter(PatientId(each.patient_id))
    await tell(house, "notifications", HUDSON, *bookings)

    await run(house, "send_due")

    sent = [each for each in await told(house) if each.sent_at]
    assert len(sent) == 1000
    assert {each.template for each in sent} == {Template.BOOKING_CONFIRMATION}
