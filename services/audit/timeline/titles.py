"""What happened, in plain words."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision

LOCALE = "en_US"
Details = Mapping[str, Any]


def title_of(type_: str, details: Details) -> str:
    """A line for a person; a kind of fact that has no words yet shows its name."""
    words = TITLES.get(type_, type_)
    return words if isinstance(words, str) else words(details)


def money(details: Details) -> str:
    digits = get_currency_precision(details["currency"])
    amount: str = format_currency(Decimal(details["minor"]).scaleb(-digits), details["currency"], locale=LOCALE)
    return amount


def day(value: str) -> str:
    said: str = format_date(date.fromisoformat(value), "d MMM yyyy", locale=LOCALE)
    return said


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def words(name: str) -> str:
    return name.replace("_", " ")


def _active(what: str, verb: str) -> Callable[[Details], str]:
    return lambda fact: f"{what} {verb}" if fact["active"] else f"{what} closed"


def _details(fact: Details) -> str:
    return ", ".join(words(each.removesuffix("_id")) for each in fact["changed"])


def _parked_message(fact: Details) -> str:
    if fact["outcome"] == "replayed":
        return "Parked message handled again"
    return f"Parked message dropped: {words(fact['reason'])}"


CANCELLED = {
    "cancelled_by_patient": "Appointment cancelled by the patient",
    "cancelled_by_clinic": "Appointment cancelled by the clinic",
    "late_cancel": "Appointment cancelled late",
    "aborted_medical": "Visit ended early for a medical reason",
}
RECALL = {"series": "next session of the series", "maintenance": "touch-up"}
MESSAGES = {
    "booking_confirmation": "booking confirmation",
    "booking_moved": "new appointment time",
    "booking_cancelled": "cancellation",
    "reminder_72h": "reminder, three days before",
    "reminder_24h": "reminder, one day before",
    "aftercare_h2": "aftercare, first hours",
    "aftercare_h24": "aftercare, day 1",
    "aftercare_d3": "aftercare, day 3",
    "aftercare_d7": "aftercare, day 7",
    "aftercare_d28": "aftercare, week 4",
    "recall_series": "invitation to the next session",
    "recall_maintenance": "invitation to a touch-up",
}
WAIVED = {"no_charge_treatment": "there is no charge for this treatment", "goodwill": "goodwill"}

TITLES: Mapping[str, str | Callable[[Details], str]] = {
    "booking.location-changed": _active("Location", "opened or changed"),
    "booking.treatment-changed": _active("Treatment", "added or changed"),
    "booking.practitioner-changed": _active("Practitioner", "added or changed"),
    "booking.patient-registered": "Patient registered",
    "booking.patient-changed": lambda fact: f"Patient's details changed: {_details(fact)}",
    "booking.appointment-booked": "Appointment booked",
    "booking.appointment-confirmed": "Appointment confirmed",
    "booking.appointment-moved": "Appointment moved",
    "booking.appointment-cancelled": lambda fact: CANCELLED.get(fact["status"], "Appointment cancelled"),
    "booking.appointment-missed": "Patient did not come",
    "booking.appointment-reinstated": "No-show taken back",
    "booking.appointment-imported": "Visit imported from another system",
    "booking.patient-arrived": "Patient arrived",
    "booking.numbing-started": "Numbing started",
    "booking.treatment-started": "Treatment started",
    "booking.session-completed": "Session completed",
    "billing.price-changed": lambda fact: f"Price set to {money(fact['price'])} from {day(fact['effective_on'])}",
    "billing.package-sold": lambda fact: f"Package of {fact['sessions']} sold for {money(fact['price'])}",
    "billing.entitlement-reserved": "Package session reserved",
    "billing.entitlement-released": "Package session released",
    "billing.session-redeemed": lambda fact: f"Package session redeemed, {fact['remaining']} left",
    "billing.invoice-issued": lambda fact: f"Invoice issued: {money(fact['total'])}",
    "billing.invoice-paid": lambda fact: f"Invoice paid: {money(fact['total'])}",
    "billing.session-waived": lambda fact: f"Not charged: {WAIVED.get(fact['reason'], words(fact['reason']))}",
    "billing.payment-received": lambda fact: f"Payment received: {money(fact['amount'])} ({words(fact['method'])})",
    "inventory.item-changed": _active("Product", "added or changed"),
    "inventory.stock-received": lambda fact: f"Stock received: {counted(_lots(fact), 'lot')}",
    "inventory.stock-consumed": lambda fact: (
        f"Stock consumed: {counted(_lots(fact), 'lot')}" if fact["lines"] else "No stock needed"
    ),
    "inventory.stock-low": "Stock below its reorder point",
    "inventory.stock-short": "More used than the books hold",
    "notifications.message-sent": lambda fact: f"Message sent: {_message(fact)}",
    "notifications.message-failed": lambda fact: f"Message failed: {_message(fact)}",
    "notifications.message-suppressed": lambda fact: f"Message not sent: {_message(fact)} ({words(fact['reason'])})",
    "notifications.aftercare-scheduled": lambda fact: (
        f"Aftercare scheduled: {counted(fact['messages'], 'message')}" if fact["messages"] else "No aftercare needed"
    ),
    "notifications.recall-scheduled": lambda fact: f"Recall set for {day(fact['due_on'])}: {RECALL[fact['reason']]}",
    "notifications.recall-due": lambda fact: f"Recall due: {RECALL[fact['reason']]}",
    "notifications.recall-closed": "Recall closed: the patient has booked",
    **{
        f"{service}.parked-message-closed": _parked_message
        for service in ("billing", "inventory", "notifications", "audit")
    },
    "identity.staff-changed": lambda fact: "Staff account changed" if fact["active"] else "Staff account disabled",
    "identity.grant-changed": lambda fact: f"Role {'given' if fact['active'] else 'taken'}: {words(fact['role'])}",
}


def _lots(fact: Details) -> int:
    return len({line["lot_id"] for line in fact["lines"]})


def _message(fact: Details) -> str:
    return MESSAGES.get(fact["template"], words(fact["template"]))
