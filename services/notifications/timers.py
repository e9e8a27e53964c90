"""Clock door of notifications: messages whose time has come, recalls whose day has come."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.context import Context
from chassis.timers import Timer, every
from contracts.values import Channel
from services.notifications.channels import Letter, Sender
from services.notifications.channels.console import ConsoleSender
from services.notifications.channels.smtp import SmtpSender
from services.notifications.messages import usecases as messages
from services.notifications.messages.contacts import Ask
from services.notifications.messages.judging import Contact
from services.notifications.messages.usecases import Due
from services.notifications.recalls import usecases as recalls
from services.notifications.settings import NotificationsSettings

BATCH = 500
"""Messages looked at together: their patients are asked for once."""


def timers(settings: NotificationsSettings, ask: Ask) -> Sequence[Timer]:
    """Both go by the service's clock, so a simulated day sends what that day would have sent."""

    async def send_due(context: Context) -> int:
        return await Round(context, settings, ask).send_due()

    async def open_recalls(context: Context) -> int:
        return await _open_recalls(context, settings.channel)

    return [every(seconds=1, do=send_due), every(seconds=60, do=open_recalls)]


async def _open_recalls(context: Context, channel: Channel) -> int:
    total, now = 0, context.clock.now()
    while True:
        async with context.db.transaction() as tx:
            chosen = await recalls.due(tx, now=now, limit=BATCH)
            if not chosen:
                return total
            total += await recalls.fall_due(tx, chosen, channel=channel, now=now)


class Round:
    """One look at every due message: claim (committed), hand over, note the outcome (committed)."""

    def __init__(self, context: Context, settings: NotificationsSettings, ask: Ask) -> None:
        self._context = context
        self._settings = settings
        self._ask = ask
        self._sender = sender_of(settings, context)
        self._contacts: dict[UUID, Contact | None] = {}

    async def send_due(self) -> int:
        """Messages that can't go now are left for the next round."""
        now = self._context.clock.now()
        total, last = await self._give_up_lost(), None
        while True:
            async with self._context.db.reading() as tx:
                chosen = await messages.due(tx, now=now, after=last, limit=BATCH)
            if not chosen:
                return total
            last = chosen[-1]
            reachable = await self._with_contacts(chosen)
            for start in range(0, len(reachable), self._sender.at_once):
                total += await self._send(reachable[start : start + self._sender.at_once])

    async def _give_up_lost(self) -> int:
        now = self._context.clock.now()
        before = now - timedelta(seconds=self._settings.sending_lost_after_seconds)
        async with self._context.db.transaction() as tx:
            return await messages.give_up_lost(tx, claimed_before=before, now=now)

    async def _with_contacts(self, chosen: Sequence[Due]) -> list[Due]:
        """Those whose patients could be asked for; outside of any transaction."""
        strangers = {each.patient_id for each in chosen} - self._contacts.keys()
        if strangers:
            self._contacts.update(await self._ask(self._context, strangers))
        return [each for each in chosen if each.patient_id in self._contacts]

    async def _send(self, chosen: Sequence[Due]) -> int:
        now, most = self._context.clock.now(), self._settings.messages_a_day_max
        async with self._context.db.transaction() as tx:
            letters = await messages.claim(tx, chosen, self._contacts, a_day_max=most, now=now)
        if letters:
            await self._hand_over(letters)
        return len(chosen)

    async def _hand_over(self, letters: Sequence[Letter]) -> None:
        outcomes = await self._sender.deliver(letters)
        said = {letter.message_id: outcome for letter, outcome in zip(letters, outcomes, strict=True)}
        async with self._context.db.transaction() as tx:
            await messages.note(tx, said, now=self._context.clock.now())


def sender_of(settings: NotificationsSettings, context: Context) -> Sender:
    if settings.channel is Channel.EMAIL:
        return SmtpSender(settings, context.clock)
    return ConsoleSender()
