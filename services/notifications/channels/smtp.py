"""E-mail over SMTP (RFC 5321): each step of the conversation decides what is known when it breaks."""

from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_LINES
from email.utils import format_datetime, parseaddr
from typing import Literal

import aiosmtplib
import structlog
from markupsafe import escape

from chassis.clock import Clock
from services.notifications.channels import Letter, Outcome, calendar
from services.notifications.settings import NotificationsSettings

log = structlog.get_logger()

_PERMANENT = 500


class SmtpSender:
    """One connection a batch; a letter that breaks it does not take the others along."""

    at_once = 20

    def __init__(self, settings: NotificationsSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        name, address = parseaddr(settings.smtp_from or "")
        self._from = Address(display_name=name, addr_spec=address)

    async def deliver(self, letters: Sequence[Letter]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        while len(outcomes) < len(letters):
            told = await self._over_one_connection(letters[len(outcomes) :])
            outcomes += told or [Outcome.NOT_NOW] * (len(letters) - len(outcomes))
        return outcomes

    async def _over_one_connection(self, letters: Sequence[Letter]) -> list[Outcome]:
        """Outcomes until the connection broke; none if it could not be made."""
        client = self._client()
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            log.warning("channel.failed", channel="email", exc_info=error)
            return []
        outcomes: list[Outcome] = []
        for letter in letters:
            outcomes.append(await self._hand_over(client, letter))
            if not client.is_connected:
                break
        await _part(client)
        return outcomes

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        security: Literal["starttls", "tls", "none"] = settings.smtp_security
        return aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            use_tls=security == "tls",
            start_tls=security == "starttls",
            username=settings.smtp_user,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
            timeout=settings.smtp_timeout_seconds,
        )

    async def _hand_over(self, client: aiosmtplib.SMTP, letter: Letter) -> Outcome:
        if not letter.address.isascii():
            return Outcome.REFUSED  # needs SMTPUTF8 (RFC 6531), which few servers speak
        try:
            await client.mail(self._from.addr_spec)
            await client.rcpt(letter.address)
        except aiosmtplib.SMTPResponseException as error:
            return await _refused(client, error)
        except (aiosmtplib.SMTPException, OSError):
            client.close()  # broken before a word of it was said
            return Outcome.NOT_NOW
        try:
            await client.data(self.compose(letter).as_bytes(policy=SMTP_LINES))
        except aiosmtplib.SMTPResponseException as error:
            return await _refused(client, error)
        except (aiosmtplib.SMTPException, OSError):
            client.close()  # the server may have taken it and lost its voice
            return Outcome.UNKNOWN
        return Outcome.TAKEN

    def compose(self, letter: Letter) -> EmailMessage:
        """Plain text first, the same words as HTML, and the calendar entry if there is one."""
        mail = EmailMessage()
        mail["From"] = str(self._from)
        mail["To"] = letter.address
        mail["Subject"] = letter.subject
        mail["Date"] = format_datetime(self._clock.now())
        mail["Message-ID"] = f"<{letter.message_id}@{self._from.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.text)
        mail.add_alternative(as_html(letter.text), subtype="html")
        if letter.event is not None:
            entry = calendar.entry(
                letter.event, organizer=self._from.addr_spec, attendee=letter.address, stamp=self._clock.now()
            )
            mail.add_alternative(entry, subtype="calendar", params={"method": calendar.method(letter.event)})
        return mail


def as_html(text: str) -> str:
    """The paragraphs of a text, escaped; nothing in it is loaded from anywhere."""
    paragraphs = (
        "<p>" + "<br>".join(str(escape(line)) for line in part.splitlines()) + "</p>"
        for part in text.strip().split("\n\n")
    )
    return '<!doctype html><html lang="en"><body>' + "".join(paragraphs) + "</body></html>"


async def _refused(client: aiosmtplib.SMTP, error: aiosmtplib.SMTPResponseException) -> Outcome:
    """A clear no: for good (5xx) or for now (4xx). The conversation starts over for the next letter."""
    try:
        await client.rset()
    except (aiosmtplib.SMTPException, OSError):
        client.close()
    return Outcome.REFUSED if error.code >= _PERMANENT else Outcome.NOT_NOW


async def _part(client: aiosmtplib.SMTP) -> None:
    if client.is_connected:
        try:
            await client.quit()
        except (aiosmtplib.SMTPException, OSError):
            client.close()
