"""E-mail over a real SMTP conversation: what is known of a message when the conversation breaks at each step."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr
from sqlalchemy import select

from chassis.clock import ManualClock
from contracts.notifications import Template
from contracts.values import Channel
from services.notifications.app import build
from services.notifications.channels import Event, Letter, Outcome
from services.notifications.channels.smtp import SmtpSender
from services.notifications.messages.model import Message
from services.notifications.settings import NotificationsSettings
from tests.integration.conftest import MoveIn
from tests.support.house import NOON, plan
from tests.support.notifications import AddressBook, a_booking, a_location, run, tell

LETTER = Letter(
    message_id=UUID("0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"),
    address="ada@example.com",
    subject="Your appointment at Café Clinic",
    text="Hi Ada,\n\nSee you on Thursday.\n",
    event=Event(
        appointment_id=UUID(int=1),
        sequence=0,
        starts_at=datetime(2026, 12, 3, 15, 0, tzinfo=UTC),
        ends_at=datetime(2026, 12, 3, 16, 30, tzinfo=UTC),
        place="Café Clinic",
        is_cancelled=False,
    ),
)


class Mailbox:
    """A mail server that takes everything, unless an address says otherwise."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such mailbox"
        if address.startswith("full"):
            return "452 mailbox full, try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if envelope.rcpt_tos[0].startswith("vanishing") and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
            return ""
        if envelope.rcpt_tos[0].startswith("slow"):
            await asyncio.sleep(30)
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        if b"spam" in content:
            return "554 not wanted"
        self.taken.append(message_from_bytes(content, policy=policy.default))
        return "250 taken"


Deliver = Callable[..., Awaitable[list[Outcome]]]


def a_sender(port: int, security: Literal["starttls", "none"] = "none") -> SmtpSender:
    settings = NotificationsSettings(
        database_url=SecretStr("postgresql+asyncpg://nowhere"),
        channel=Channel.EMAIL,
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security=security,
        smtp_from="Hudson Clinics <hello@clinic.example>",
        smtp_timeout_seconds=0.5,
    )
    return SmtpSender(settings, ManualClock(NOON))


@pytest.fixture
async def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def port(mailbox: Mailbox) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: SMTP(mailbox, loop=loop), "127.0.0.1", 0)
    yield listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()


@pytest.fixture
async def deliver(port: int) -> Deliver:
    sender = a_sender(port)

    async def _deliver(*addresses: str, text: str = LETTER.text) -> list[Outcome]:
        return await sender.deliver([replace(LETTER, address=each, text=text) for each in addresses])

    return _deliver


async def test_a_letter_arrives_as_text_as_html_and_with_a_calendar_entry(deliver: Deliver, mailbox: Mailbox) -> None:
    assert await deliver("ada@example.com") == [Outcome.TAKEN]

    (mail,) = mailbox.taken
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert (mail["to"], mail["from"]) == ("ada@example.com", "Hudson Clinics <hello@clinic.example>")
    assert mail["subject"] == "Your appointment at Café Clinic"
    assert mail["auto-submitted"] == "auto-generated"
    assert parts["text/plain"].get_content().splitlines() == ["Hi Ada,", "", "See you on Thursday."]
    assert "<p>Hi Ada,</p><p>See you on Thursday.</p>" in parts["text/html"].get_content()
    assert parts["text/calendar"].get_param("method") == "REQUEST"
    assert "ATTENDEE;RSVP=FALSE:mailto:ada@example.com" in parts["text/calendar"].get_content()


async def test_the_message_id_is_that_of_the_message(mailbox: Mailbox) -> None:
    assert a_sender(25).compose(LETTER)["message-id"] == "<0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10@clinic.example>"


async def test_a_clear_no_is_final_and_the_others_go_on(deliver: Deliver, mailbox: Mailbox) -> None:
    outcomes = await deliver("ada@example.com", "nobody@example.com", "full@example.com", "bob@example.com")

    assert outcomes == [Outcome.TAKEN, Outcome.REFUSED, Outcome.NOT_NOW, Outcome.TAKEN]
    assert [mail["to"] for mail in mailbox.taken] == ["ada@example.com", "bob@example.com"]


async def test_a_no_to_the_content_is_final_too(deliver: Deliver) -> None:
    assert await deliver("ada@example.com", text="spam") == [Outcome.REFUSED]


@pytest.mark.fault("F20", dose="the line goes dead after the mail was said", holds="I13")
async def test_when_the_line_goes_dead_after_the_words_it_is_unknown_and_the_next_go_on(
    deliver: Deliver, mailbox: Mailbox
) -> None:
    outcomes = await deliver("vanishing@example.com", "ada@example.com")

    assert outcomes == [Outcome.UNKNOWN, Outcome.TAKEN]
    assert [mail["to"] for mail in mailbox.taken] == ["ada@example.com"]


@pytest.mark.fault("F20", dose="a server that never answers", holds="I13")
async def test_a_server_that_never_answers_leaves_it_unknown(deliver: Deliver) -> None:
    assert await deliver("slow@example.com") == [Outcome.UNKNOWN]


async def test_an_address_beyond_ascii_is_refused_without_disturbing_the_conversation(deliver: Deliver) -> None:
    assert await deliver("ädä@example.com", "ada@example.com") == [Outcome.REFUSED, Outcome.TAKEN]


async def test_no_word_is_said_in_the_open_when_encryption_was_asked_for(port: int, mailbox: Mailbox) -> None:
    outcomes = await a_sender(port, "starttls").deliver([LETTER])

    assert (outcomes, mailbox.taken) == ([Outcome.NOT_NOW], [])


async def test_a_server_that_is_away_took_nothing() -> None:
    assert await a_sender(1).deliver([LETTER, LETTER]) == [Outcome.NOT_NOW, Outcome.NOT_NOW]


async def test_what_the_server_says_decides_what_becomes_of_a_message(
    move_in: MoveIn, port: int, mailbox: Mailbox
) -> None:
    book, place = AddressBook(), a_location()
    mail = {"channel": Channel.EMAIL, "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    sender = {"smtp_from": "hello@clinic.example", "smtp_timeout_seconds": 0.5}
    house = await move_in(plan(lambda each: build(each, book), NotificationsSettings, **mail, **sender))
    outcomes = ("ada", "nobody", "full", "vanishing")
    bookings = {name: a_booking(place) for name in outcomes}
    for name, booking in bookings.items():
        book.enter(booking.patient_id, email=f"{name}@example.com")
    await tell(house, "notifications", place, *bookings.values())

    for _ in range(2):
        await run(house, "send_due")

    async with house.running["notifications"].context.db.reading() as tx:
        found = await tx.scalars(select(Message).where(Message.template == Template.BOOKING_CONFIRMATION))
        states = {each.appointment_id: (each.state.value, each.reason) for each in found}
    assert [states[bookings[name].appointment_id] for name in outcomes] == [
        ("sent", None),
        ("failed", "refused"),
        ("scheduled", None),
        ("failed", "outcome_unknown"),
    ]
    assert len(mailbox.taken) == 1
