"""The one register of facts: what there is, who owns it, who listens, and how it is kept on the bus."""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts import billing, booking, identity, inventory, notifications, parking
from contracts.envelope import Fact

PARTITIONS = 12
"""Of every topic: the most replicas of one service that can share its work."""
RETENTION_DAYS = 28
"""Below the 30 days of CP-15; a fact older than this is published again from its outbox."""

EVERYTHING = ("audit",)


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of fact: its model and the services that act on it."""

    fact: type[Fact]
    listeners: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        return self.fact.topic()

    @property
    def heard_by(self) -> tuple[str, ...]:
        """Its listeners, and those who listen to everything."""
        return self.listeners + EVERYTHING


_VISIT = ("billing", "notifications")

CATALOG: tuple[Entry, ...] = (
    Entry(booking.LocationChanged, ("billing", "inventory", "notifications")),
    Entry(booking.TreatmentChanged, ("billing", "inventory")),
    Entry(booking.PractitionerChanged),
    Entry(booking.PatientRegistered, ("billing",)),
    Entry(booking.PatientChanged),
    Entry(booking.AppointmentBooked, _VISIT),
    Entry(booking.AppointmentConfirmed, _VISIT),
    Entry(booking.AppointmentMoved, _VISIT),
    Entry(booking.AppointmentCancelled, _VISIT),
    Entry(booking.AppointmentMissed, _VISIT),
    Entry(booking.AppointmentReinstated, _VISIT),
    Entry(booking.AppointmentImported, ("notifications",)),
    Entry(booking.PatientArrived, _VISIT),
    Entry(booking.NumbingStarted, _VISIT),
    Entry(booking.TreatmentStarted, _VISIT),
    Entry(booking.SessionCompleted, ("billing", "inventory", "notifications")),
    Entry(billing.PriceChanged),
    Entry(billing.PackageSold, ("notifications",)),
    Entry(billing.EntitlementReserved),
    Entry(billing.EntitlementReleased),
    Entry(billing.SessionRedeemed, ("notifications",)),
    Entry(billing.InvoiceIssued),
    Entry(billing.InvoicePaid),
    Entry(billing.SessionWaived),
    Entry(billing.PaymentReceived),
    Entry(inventory.ItemChanged),
    Entry(inventory.StockReceived),
    Entry(inventory.StockConsumed),
    Entry(inventory.StockLow),
    Entry(inventory.StockShort),
    Entry(notifications.MessageSent),
    Entry(notifications.MessageFailed),
    Entry(notifications.MessageSuppressed),
    Entry(notifications.AftercareScheduled),
    Entry(notifications.RecallScheduled),
    Entry(notifications.RecallDue),
    Entry(notifications.RecallClosed),
    Entry(parking.BillingParkedMessageClosed),
    Entry(parking.InventoryParkedMessageClosed),
    Entry(parking.NotificationsParkedMessageClosed),
    Entry(parking.AuditParkedMessageClosed),
    Entry(identity.StaffChanged),
    Entry(identity.GrantChanged),
)

FACTS: dict[str, type[Fact]] = {entry.fact.type: entry.fact for entry in CATALOG}
TOPICS: tuple[str, ...] = tuple(sorted({entry.owner for entry in CATALOG}))


def heard_by(service: str) -> Iterator[type[Fact]]:
    """The facts a service listens to; audit listens to everything."""
    for entry in CATALOG:
        if service in entry.heard_by:
            yield entry.fact
