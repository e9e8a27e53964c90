"""The services that make up the chain; the one place that imports them all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chassis.service import Service
from chassis.settings import ServiceSettings
from services.audit import app as audit
from services.audit.settings import AuditSettings
from services.billing import app as billing
from services.billing.settings import BillingSettings
from services.booking import app as booking
from services.booking.settings import BookingSettings
from services.identity import app as identity
from services.identity.settings import IdentitySettings
from services.inventory import app as inventory
from services.inventory.settings import InventorySettings
from services.notifications import app as notifications
from services.notifications.settings import NotificationsSettings


@dataclass(frozen=True, slots=True)
class Member:
    """How one service is built."""

    settings: type[ServiceSettings]
    build: Callable[[Any], Service]


ROSTER = {
    "identity": Member(IdentitySettings, identity.build),
    "booking": Member(BookingSettings, booking.build),
    "billing": Member(BillingSettings, billing.build),
    "inventory": Member(InventorySettings, inventory.build),
    "notifications": Member(NotificationsSettings, notifications.build),
    "audit": Member(AuditSettings, audit.build),
}
