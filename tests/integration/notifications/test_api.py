"""What was said to whom can be read by those who work there."""

import base64
import json
from typing import Any

from chassis.clock import new_id
from services.notifications.app import build
from services.notifications.settings import NotificationsSettings
from tests.integration.conftest import MoveIn
from tests.support.house import House, plan
from tests.support.notifications import AddressBook, a_booking, a_location, run, tell
from tests.support.tokens import a_member_of_staff

HUDSON = a_location()
DESK = a_member_of_staff("front_desk", at=HUDSON.location_id)


async def a_house_with_one_message_sent(move_in: MoveIn) -> House:
    book = AddressBook()
    house = await move_in(plan(lambda each: build(each, book), NotificationsSettings))
    booking = a_booking(HUDSON)
    book.enter(booking.patient_id)
    await tell(house, "notifications", HUDSON, booking)
    await run(house, "send_due")
    return house


async def listed(house: House, **asked: Any) -> list[dict[str, Any]]:
    answer = await house.client("notifications", DESK).get("/messages", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_list_of_messages_tells_no_words_one_message_does(move_in: MoveIn) -> None:
    house = await a_house_with_one_message_sent(move_in)

    (sent,) = await listed(house, state="sent")
    shown = (await house.client("notifications", DESK).get(f"/messages/{sent['id']}")).json()

    assert "body" not in sent
    assert shown["subject"] == "Your appointment at Hudson Yards Clinic"
    assert shown["body"].startswith("Hi Ada,")


async def test_messages_are_found_by_what_they_are_about(move_in: MoveIn) -> None:
    house = await a_house_with_one_message_sent(move_in)
    every = await listed(house)

    assert [each["template"] for each in every] == ["reminder_24h", "reminder_72h", "booking_confirmation"]
    assert await listed(house, patient_id=every[0]["patient_id"], location_id=str(HUDSON.location_id)) == every
    assert await listed(house, appointment_id=str(new_id())) == []
    assert len(await listed(house, template="reminder_72h")) == 1


async def test_the_list_goes_page_by_page(move_in: MoveIn) -> None:
    house = await a_house_with_one_message_sent(move_in)
    client = house.client("notifications", DESK)

    first = (await client.get("/messages", params={"limit": 2})).json()
    rest = (await client.get("/messages", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    forged = base64.urlsafe_b64encode(json.dumps(["yesterday", "somewhere"]).encode()).decode()
    nonsense = [
        (await client.get(path, params={"cursor": cursor})).status_code
        for path in ("/messages", "/recalls")
        for cursor in ("nonsense", forged)
    ]

    assert [each["id"] for each in first["items"] + rest["items"]] == [each["id"] for each in await listed(house)]
    assert rest["next_cursor"] is None
    assert nonsense == [422] * 4


async def test_the_list_can_begin_with_what_goes_out_next(move_in: MoveIn) -> None:
    house = await a_house_with_one_message_sent(move_in)
    client = house.client("notifications", DESK)
    latest_first = [each["id"] for each in await listed(house)]

    first = (await client.get("/messages", params={"limit": 2, "sort": "send_at"})).json()
    rest = (
        await client.get("/messages", params={"limit": 2, "sort": "send_at", "cursor": first["next_cursor"]})
    ).json()

    assert [each["id"] for each in first["items"] + rest["items"]] == latest_first[::-1]


async def test_a_message_of_another_location_does_not_exist(move_in: MoveIn) -> None:
    house = await a_house_with_one_message_sent(move_in)
    (sent,) = await listed(house, state="sent")
    elsewhere = house.client("notifications", a_member_of_staff("front_desk", at=new_id()))
    finance = house.client("notifications", a_member_of_staff("finance", at=HUDSON.location_id))

    assert (await elsewhere.get("/messages")).json()["items"] == []
    assert (await elsewhere.get(f"/messages/{sent['id']}")).status_code == 404
    assert (await elsewhere.get(f"/messages/{new_id()}")).status_code == 404
    assert (await finance.get("/messages")).status_code == 403
