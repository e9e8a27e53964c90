"""A completed session that is not followed by all that must follow shows as a break until it is."""

import random
from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import new_id
from chassis.message import Message
from contracts.booking import SessionCompleted
from contracts.values import Modality, Money
from services.audit.app import build
from services.audit.settings import AuditSettings
from tests.integration.conftest import MoveIn
from tests.support.audit import a_price, an_invoice, deliver, effects_of, the_aftercare, the_recall, the_stock
from tests.support.house import House, plan
from tests.support.notifications import a_booking, completed, message_of, run
from tests.support.tokens import a_member_of_staff

AUDIT = plan(build, AuditSettings, break_after_seconds=60)


def a_session(house: House, **changes: Any) -> SessionCompleted:
    now = house.clock.now()
    start = now - timedelta(hours=1)
    return completed(a_booking(starts_at=start, ends_at=now, **changes), at=now)


async def breaks(house: House, **asked: Any) -> list[dict[str, Any]]:
    answer = await house.client("audit", a_member_of_staff("owner")).get("/breaks", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def look_later(house: House, seconds: int = 61) -> None:
    house.clock.advance(timedelta(seconds=seconds))
    await run(house, "look_for_breaks", "audit")


async def test_a_session_that_everything_followed_is_no_break(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)

    await deliver(house, *effects_of(a_session(house)))
    await look_later(house)

    assert await breaks(house) == []


async def test_what_is_missing_has_a_minute_then_it_shows_with_its_age_and_the_money_at_risk(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    done = a_session(house)
    old, present = a_price(done, Money(minor=1)), a_price(done, effective_on=done.performed_on)
    await deliver(house, *map(message_of, (old, present, done, the_stock(done), the_aftercare(done))))

    await look_later(house, seconds=59)
    assert await breaks(house) == []
    await look_later(house, seconds=2)

    assert await breaks(house) == [
        {
            "appointment_id": str(done.appointment_id),
            "patient_id": str(done.patient_id),
            "location_id": str(done.location_id),
            "completed_at": done.completed_at.isoformat().replace("+00:00", "Z"),
            "age_seconds": 61,
            "missing": ["money", "recall"],
            "state": "open",
            "at_risk": {"minor": 59900, "currency": "USD"},
            "healed_at": None,
        }
    ]


async def test_operators_see_how_many_sessions_lack_something(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    lacking, whole = a_session(house), a_session(house)
    await deliver(house, message_of(lacking), *effects_of(whole))
    await look_later(house)

    metrics = (await house.client("audit").get("/metrics")).text

    assert "\nneedlepoint_open_breaks 1.0\n" in metrics


async def test_a_break_heals_when_the_missing_facts_come(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    done = a_session(house)
    await deliver(house, *map(message_of, (done, the_stock(done), the_aftercare(done))))
    await look_later(house)

    await deliver(house, message_of(an_invoice(done)), message_of(the_recall(done)))
    await run(house, "look_for_breaks", "audit")

    assert await breaks(house, state="open") == []
    assert [(each["missing"], each["state"]) for each in await breaks(house, state="healed")] == [([], "healed")]


async def test_a_consultation_needs_no_recall(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    done = a_session(house, modality=Modality.NONE)

    await deliver(house, *map(message_of, (done, an_invoice(done), the_stock(done), the_aftercare(done, 0))))
    await look_later(house)

    assert await breaks(house) == []


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_any_number_of_tellings_comes_to_the_same(move_in: MoveIn, seed: int) -> None:
    house = await move_in(AUDIT)
    whole, broken = a_session(house), a_session(house)
    messages: list[Message] = [*effects_of(whole), *effects_of(broken)[:-1]] * 3
    random.Random(seed).shuffle(messages)

    for message in messages:
        await deliver(house, message)
    await look_later(house)

    assert [(each["appointment_id"], each["missing"]) for each in await breaks(house)] == [
        (str(broken.appointment_id), ["recall"])
    ]


async def test_breaks_of_another_location_are_not_shown(move_in: MoveIn) -> None:
    house = await move_in(AUDIT)
    done = a_session(house)
    await deliver(house, message_of(done))
    await look_later(house)

    here = house.client("audit", a_member_of_staff("finance", at=done.location_id))
    elsewhere = house.client("audit", a_member_of_staff("finance", at=new_id()))

    assert len((await here.get("/breaks")).json()) == 1
    assert (await elsewhere.get("/breaks")).json() == []
