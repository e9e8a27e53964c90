"""Booking says who a patient is at the moment of sending; notifications understands it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.context import Context
from services.booking.app import build as build_booking
from services.booking.settings import BookingSettings
from services.notifications.app import build
from services.notifications.messages.contacts import Contacts
from services.notifications.messages.judging import Contact
from services.notifications.messages.model import Message
from services.notifications.settings import NotificationsSettings
from tests.integration.conftest import MoveIn
from tests.support import booking
from tests.support.house import House, plan
from tests.support.notifications import run
from tests.support.tokens import a_member_of_staff, a_service


async def a_house(move_in: MoveIn) -> House:
    async def ask(_: Context, patient_ids: Iterable[UUID]) -> Contacts:
        """As the timer asks, with a token that this house's signer made."""
        async with house.client("booking", a_service("notifications")) as client:
            answers = {each: (await client.get(f"/patients/{each}/contact")).json() for each in patient_ids}
        return {each: Contact.model_validate(answer) for each, answer in answers.items()}

    house = await move_in(
        plan(build_booking, BookingSettings), plan(lambda each: build(each, ask), NotificationsSettings)
    )
    return house


async def book(house: House, **patient: Any) -> None:
    async with house.running["booking"].context.db.transaction() as tx:
        await booking.treatments(tx)
        clinic = await booking.a_clinic(tx)
    desk = house.client("booking", a_member_of_staff("front_desk", at=clinic.id))
    who = {"given_name": "Ada", "family_name": "Holt", "birth_date": "1988-04-17", "home_location_id": str(clinic.id)}
    registered = (await desk.post("/patients", json=who | patient)).json()
    wish = {"patient_id": registered["id"], "location_id": str(clinic.id), "treatment": booking.PEN}
    booked = await desk.post("/appointments", json=wish | {"local_start": "2026-12-01T10:00:00"})
    assert booked.status_code == 201, booked.text


@pytest.mark.parametrize(
    ("patient", "outcome"),
    [
        ({"email": "ada@example.com"}, ("sent", None)),
        ({}, ("suppressed", "no_contact")),
        ({"email": "ada@example.com", "accepts_email": False}, ("suppressed", "opted_out")),
    ],
)
async def test_a_booking_is_confirmed_to_whoever_booking_says(
    move_in: MoveIn, patient: dict[str, Any], outcome: tuple[str, str | None]
) -> None:
    house = await a_house(move_in)
    await book(house, **patient)
    await house.settle()

    await run(house, "send_due")

    async with house.running["notifications"].context.db.reading() as tx:
        first = (await tx.scalars(select(Message).order_by(Message.send_at))).all()[0]
    assert (first.template.value, first.state.value, first.reason) == ("booking_confirmation", *outcome)
    assert first.body is None or "Hi Ada," in first.body
