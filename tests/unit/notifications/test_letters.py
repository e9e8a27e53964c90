"""Every message there is, in plain words that promise nothing and give nothing away."""

import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.notifications import Template
from contracts.values import Channel
from services.notifications.channels import Letter
from services.notifications.channels.smtp import as_html
from services.notifications.messages.judging import Contact
from services.notifications.messages.model import Message
from services.notifications.messages.planning import Wanted
from services.notifications.templates import letters
from services.notifications.templates.letters import LOCALES, Occasion, language_of, render, write
from services.notifications.visits.model import Visit
from tests.support.house import NOON
from tests.support.notifications import NEW_YORK, a_booking

TEXTS = Path(letters.__file__).parent
EVERY = list(product(Template, LOCALES))
WORDS = {"name": "Ada", "clinic": "Hudson Yards Clinic", "when": "Thursday, December 3 at 10:00 AM"}
LONGEST = {
    "name": "Wolfeschlegelsteinhausen" * 2,
    "clinic": "The Hudson Yards Skin and Wellness Clinic",
    "phone": "+1 212 555 0100",
    "when": "Wednesday, September 30, 2026 at 10:00 AM (Eastern Daylight Time)",
}
WHILE_IT_HEALS = (
    Template.AFTERCARE_H2,
    Template.AFTERCARE_H24,
    Template.AFTERCARE_D3,
    Template.AFTERCARE_D7,
)
PROMISES = r"permanent|eradicat|invisible|guarantee|cure|best results|risk[- ]free|painless|\d+ ?%|\bsafe\b"
DEPTHS = r"\bmm\b|millimet|layer|penetrat|deep"
GIVES_AWAY = r"needl|microneedl|\brf\b|scar|acne|wrinkle|stretch mark|package|price|\$|lot\b|face treatment"


@dataclass
class Place:
    name: str = "Hudson Yards Clinic"
    phone: str | None = "+1 212 555 0100"


def a_letter(template: Template = Template.BOOKING_CONFIRMATION, place: Place | None = None, **contact: Any) -> Letter:
    visit = Visit.first_heard(a_booking())
    message = Message.schedule(Wanted(template, NOON, NOON), visit, channel=Channel.EMAIL)
    ada = Contact(**{"given_name": "Ada", "email": "ada@example.com", "zone": NEW_YORK} | contact)
    return write(Occasion(message, visit, place or Place()), ada, at=NOON, zone=ZoneInfo(ada.zone))


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_every_message_can_be_written_with_and_without_a_number_to_call(template: Template, language: str) -> None:
    for phone in ("+1 212 555 0100", ""):
        subject, text = render(template, language, **WORDS, phone=phone)

        assert subject
        assert text.startswith("Hi Ada,\n")
        assert text.rstrip().endswith("Hudson Yards Clinic")
        assert (phone in text) if phone else ("  " not in text)
        assert "\n\n\n" not in text


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_no_message_promises_anything_or_speaks_of_depth(template: Template, language: str) -> None:
    subject, text = render(template, language, **WORDS, phone="")

    assert not re.findall(f"{PROMISES}|{DEPTHS}", f"{subject}\n{text}", re.IGNORECASE)


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_no_message_names_a_treatment_and_a_subject_has_no_word_about_health(template: Template, language: str) -> None:
    subject, text = render(template, language, **WORDS, phone="")

    assert not re.findall(GIVES_AWAY, f"{subject}\n{text}", re.IGNORECASE)
    assert not re.findall("skin|redness|aftercare|sunscreen|treatment", subject, re.IGNORECASE)
    assert "Ada" not in subject


@pytest.mark.parametrize(("template", "language"), EVERY)
def test_the_longest_subject_is_still_one_short_line(template: Template, language: str) -> None:
    subject, _ = render(template, language, **LONGEST)

    assert len(subject) <= 130
    assert "\n" not in subject


@pytest.mark.parametrize("template", WHILE_IT_HEALS)
def test_aftercare_says_when_to_call_and_when_to_get_emergency_help(template: Template) -> None:
    _, text = render(template, "en", **WORDS, phone="+1 212 555 0100")

    assert "fever or chills, pus or a yellow crust, redness that spreads" in text
    assert "trouble breathing" in text
    assert "emergency number first.\n\nQuestions? Call us at" in text


def test_there_is_no_text_that_nobody_sends() -> None:
    parts = {"sign_off", "urgent"}

    for language in LOCALES:
        assert {file.stem for file in (TEXTS / language).glob("*.txt")} == {each.value for each in Template} | parts


def test_the_time_is_that_on_the_clinic_s_wall_named_if_the_patient_s_differs() -> None:
    assert "Thursday, December 3 at 10:00 AM.\n" in a_letter().text
    assert "December 3 at 10:00 AM (Eastern Standard Time)." in a_letter(zone="America/Los_Angeles").text
    assert "December 3 at 10:00 AM.\n" in a_letter(zone="America/Toronto").text


@pytest.mark.parametrize(("number", "said"), [("+12125550100", "+1 212-555-0100"), ("ask for Ada", "ask for Ada")])
def test_the_clinic_s_number_is_written_to_be_read(number: str, said: str) -> None:
    assert f"Call us at {said}." in a_letter(place=Place(phone=number)).text


def test_a_line_break_in_a_name_stays_out_of_the_header() -> None:
    letter = a_letter(place=Place(name="Hudson\r\nBcc: everybody@example.com"))

    assert letter.subject == "Your appointment at Hudson Bcc: everybody@example.com"


def test_a_name_is_only_a_name_in_the_html_too() -> None:
    assert "<p>Hi &lt;script&gt;," in as_html(a_letter(given_name="<script>").text)


@pytest.mark.parametrize("wanted", ["en", "en-GB", "EN_us", "tlh", ""])
def test_a_language_we_do_not_write_falls_back(wanted: str) -> None:
    assert language_of(wanted) == "en"


def test_only_news_of_a_booking_carries_a_calendar_entry() -> None:
    with_entry = {each for each in Template if a_letter(each).event is not None}

    assert with_entry == {Template.BOOKING_CONFIRMATION, Template.BOOKING_MOVED, Template.BOOKING_CANCELLED}
