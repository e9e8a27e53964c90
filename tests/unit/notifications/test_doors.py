"""The doors of notifications are those the catalogue knows of."""

import pytest
from pydantic import SecretStr, ValidationError

from contracts.catalog import heard_by
from contracts.values import Channel
from services.notifications.consumers import subscriptions
from services.notifications.settings import NotificationsSettings

NOWHERE = SecretStr("postgresql+asyncpg://nowhere")


def test_notifications_hears_what_the_catalogue_says() -> None:
    assert set(subscriptions(Channel.CONSOLE)) == set(heard_by("notifications"))


def test_mail_needs_a_sender() -> None:
    with pytest.raises(ValidationError, match="SMTP_FROM"):
        NotificationsSettings(database_url=NOWHERE, channel=Channel.EMAIL)
