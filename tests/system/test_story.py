"""One visit, from the sign-in to the books: what must follow does follow, exactly once, wherever one looks.

Told twice: over the public HTTP API, and in browsers, where every page must then show what the API says. The story
knows an address and demo users, nothing else; `NEEDLEPOINT_STORY_URL` tells it to a Needlepoint that runs elsewhere.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import pytest

from tests.support.followed import Followed, Visit, in_story
from tests.support.screen import Screen
from tests.support.site import Site
from tests.support.story import TREATMENT, Json, Story
from tests.support.window import OpenWindow
from web.templating import short_day

UP_TO_THE_RECORD = (
    "booking.patient-registered",
    "booking.appointment-booked",
    "booking.appointment-confirmed",
    "booking.patient-arrived",
    "booking.treatment-started",
    "booking.session-completed",
)
EFFECTS = ("inventory.stock-consumed", "notifications.aftercare-scheduled", "notifications.recall-scheduled")
PREPAID = (
    "billing.package-sold",
    "billing.payment-received",
    "billing.entitlement-reserved",
    "billing.session-redeemed",
)
AFTERCARE = ("aftercare_d28", "aftercare_d3", "aftercare_d7", "aftercare_h2", "aftercare_h24")
UNTIL_NEXT_OF_SERIES, UNTIL_MAINTENANCE = timedelta(days=35), timedelta(days=168)
OVER_THE_API = pytest.param(False, id="over the API")
IN_THE_BROWSER = pytest.param(True, id="in the browser", marks=pytest.mark.browser)


class Hands(Protocol):
    """How the steps are taken, and with whose eyes one looks: over the API, or at the screen too."""

    async def book(self, location_id: str, patient_id: str) -> Json: ...
    async def check_in(self, booked: Json) -> None: ...
    async def treat(self, booked: Json) -> frozenset[str]: ...
    async def pay(self, visit: Visit) -> None: ...
    async def look(self, visit: Visit) -> list[Followed]: ...


@pytest.fixture(params=[OVER_THE_API, IN_THE_BROWSER])
def hands(request: pytest.FixtureRequest, site: Site, story: Story) -> Hands:
    if not request.param:
        return story
    open_window: OpenWindow = request.getfixturevalue("window")
    return Screen(site, story, open_window)


async def test_a_prepaid_visit_is_redeemed_consumed_cared_for_and_recalled(hands: Hands, story: Story) -> None:
    location_id, patient_id = await story.someone_new()
    sold = await story.sell(location_id, patient_id)

    booked = await hands.book(location_id, patient_id)
    await hands.check_in(booked)
    first_to_expire = await story.first_to_expire(booked)
    taken = await hands.treat(booked)

    visit = Visit(location_id, patient_id, booked["id"], sold["id"], taken)
    for seen in await hands.look(visit):
        assert seen == Followed(
            timeline=in_story((*UP_TO_THE_RECORD, *PREPAID, *EFFECTS)),
            from_session=in_story(("billing.session-redeemed", *EFFECTS)),
            sessions_left=2,
            balance_due="$0.00",
            lots=first_to_expire,
            planned=AFTERCARE,
            next_visit_on=short_day(await story.session_day(visit) + UNTIL_NEXT_OF_SERIES),
            is_a_break=False,
            books_balance=True,
        )


async def test_a_visit_without_a_package_is_invoiced_and_then_paid(hands: Hands, story: Story) -> None:
    location_id, patient_id = await story.someone_new()

    booked = await hands.book(location_id, patient_id)
    await hands.check_in(booked)
    first_to_expire = await story.first_to_expire(booked)
    taken = await hands.treat(booked)

    visit = Visit(location_id, patient_id, booked["id"], None, taken)
    owed = Followed(
        timeline=in_story((*UP_TO_THE_RECORD, "billing.invoice-issued", *EFFECTS)),
        from_session=in_story(("billing.invoice-issued", *EFFECTS)),
        sessions_left=0,
        balance_due="$350.00",
        lots=first_to_expire,
        planned=AFTERCARE,
        next_visit_on=short_day(await story.session_day(visit) + UNTIL_MAINTENANCE),
        is_a_break=False,
        books_balance=True,
    )
    for seen in await hands.look(visit):
        assert seen == owed

    await hands.pay(visit)

    with_payment = in_story((*owed.timeline, "billing.payment-received", "billing.invoice-paid"))
    for seen in await hands.look(replace(visit, is_paid=True)):
        assert seen == replace(owed, balance_due="$0.00", timeline=with_payment)


async def test_the_products_can_be_traced_both_ways(story: Story) -> None:
    visit = await story.one_visit(package=True)
    await story.has_settled(visit)

    on_patient = await story.owner.get("inventory", f"/patients/{visit.patient_id}/lots")
    traces = [await story.owner.get("inventory", f"/lots/{lot}/trace") for lot in visit.lots]

    assert {each["lot_id"] for each in on_patient} == visit.lots
    for trace in traces:
        assert visit.appointment_id in {each["appointment_id"] for each in trace["used_on"]}


async def test_a_taken_time_is_refused_with_others_to_choose_from(story: Story) -> None:
    visit = await story.one_visit(package=False)
    booked = await story.desk.get("booking", f"/appointments/{visit.appointment_id}")

    answer = await story.refused_booking(booked, TREATMENT)

    assert (answer.status, answer.code) == (409, "slot_taken")
    assert answer.problem["alternatives"]
