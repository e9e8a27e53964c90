"""The whole notifications service on one page.

Its nouns know each other in one direction: visits ← aftercare ← messages ← recalls; channels and templates know none.
"""

from pathlib import Path

from chassis.service import Service
from services.notifications.consumers import subscriptions
from services.notifications.messages import api as messages
from services.notifications.messages.contacts import Ask, ask_booking
from services.notifications.recalls import api as recalls
from services.notifications.settings import NotificationsSettings
from services.notifications.timers import timers


def build(settings: NotificationsSettings, ask: Ask = ask_booking) -> Service:
    """`ask` is where contact details come from; whoever builds a past has them at hand already."""
    return Service(
        name="notifications",
        title="Notifications",
        settings=settings,
        migrations=Path(__file__).parent / "migrations",
        routers=[messages.router, recalls.router],
        subscriptions=subscriptions(settings.channel),
        timers=timers(settings, ask),
    )
