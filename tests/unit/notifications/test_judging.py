"""At the moment of sending: go, wait, or not at all."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.notifications import SuppressionReason, Template
from contracts.values import Channel
from services.notifications.messages.judging import Circumstances, Contact, Drop, Go, Verdict, Wait, judge
from services.notifications.messages.model import Message
from services.notifications.messages.planning import Wanted
from services.notifications.visits.model import Visit
from tests.support.house import NOON
from tests.support.notifications import NEW_YORK, a_booking

ADA = Contact(given_name="Ada", email="ada@example.com", zone=NEW_YORK)
USUAL = Circumstances(still_wanted=True, booked_again=False, claimed_lately=(), a_day_max=3)


def a_message(template: Template = Template.REMINDER_24H, *, useful_for: timedelta = timedelta(days=2)) -> Message:
    visit = Visit.first_heard(a_booking())
    return Message.schedule(Wanted(template, NOON, NOON + useful_for), visit, channel=Channel.EMAIL)


def verdict(
    message: Message | None = None, contact: Contact | None = ADA, *, now: datetime = NOON, **more: Any
) -> Verdict:
    about = {name: getattr(USUAL, name) for name in Circumstances.__slots__}
    return judge(message or a_message(), contact, Circumstances(**about | more), now=now)


def in_new_york(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC)


def test_what_is_still_true_goes() -> None:
    assert verdict() == Go(ADA)


@pytest.mark.parametrize(
    ("contact", "reason"),
    [
        (None, SuppressionReason.NO_CONTACT),
        (ADA.model_copy(update={"email": None}), SuppressionReason.NO_CONTACT),
        (ADA.model_copy(update={"accepts_email": False}), SuppressionReason.OPTED_OUT),
    ],
)
def test_who_can_not_or_will_not_be_written_to_is_not(contact: Contact | None, reason: SuppressionReason) -> None:
    assert verdict(contact=contact) == Drop(reason)


def test_a_visit_that_changed_drops_its_message() -> None:
    assert verdict(still_wanted=False) == Drop(SuppressionReason.APPOINTMENT_CHANGED)


def test_a_message_that_is_of_no_use_any_more_is_dropped() -> None:
    message = a_message(useful_for=timedelta(hours=1))

    assert verdict(message, now=NOON + timedelta(hours=1)) == Drop(SuppressionReason.TOO_LATE)


@pytest.mark.parametrize("template", [Template.AFTERCARE_D28, Template.RECALL_SERIES, Template.RECALL_MAINTENANCE])
def test_who_has_booked_again_is_not_invited(template: Template) -> None:
    assert verdict(a_message(template), booked_again=True) == Drop(SuppressionReason.ALREADY_BOOKED)


def test_who_has_booked_again_still_hears_of_this_visit() -> None:
    assert verdict(a_message(Template.REMINDER_24H), booked_again=True) == Go(ADA)


def test_at_night_it_waits_for_the_morning_of_the_patient() -> None:
    in_california = ADA.model_copy(update={"zone": "America/Los_Angeles"})
    six_there = in_new_york(24, 9)

    assert verdict(contact=in_california, now=six_there) == Wait(in_new_york(24, 11))


def test_what_would_be_useless_in_the_morning_is_dropped_at_night() -> None:
    message = a_message(useful_for=timedelta(hours=12))

    assert verdict(message, now=in_new_york(23, 22)) == Drop(SuppressionReason.TOO_LATE)


def test_the_first_aftercare_message_may_be_an_hour_late() -> None:
    assert verdict(a_message(Template.AFTERCARE_H2), now=in_new_york(23, 20, 30)) == Go(ADA)
    assert verdict(a_message(Template.AFTERCARE_H24), now=in_new_york(23, 20, 30)) == Wait(in_new_york(24, 8))


def test_a_fourth_message_on_one_day_waits_for_the_next() -> None:
    three_today = (in_new_york(23, 8), in_new_york(23, 9), in_new_york(23, 10))
    two_today = (in_new_york(22, 19), in_new_york(23, 9), in_new_york(23, 10))

    assert verdict(claimed_lately=three_today) == Wait(in_new_york(24, 8))
    assert verdict(claimed_lately=two_today) == Go(ADA)


def test_a_fourth_message_that_can_not_wait_is_dropped() -> None:
    message = a_message(useful_for=timedelta(hours=3))

    assert verdict(message, claimed_lately=(NOON, NOON, NOON)) == Drop(SuppressionReason.DAILY_CAP)


def test_a_zone_that_nobody_knows_does_not_stop_the_mail() -> None:
    nowhere = ADA.model_copy(update={"zone": "Mars/Olympus"})

    assert verdict(contact=nowhere) == Go(nowhere)
