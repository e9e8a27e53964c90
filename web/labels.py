"""The words for money, stock and messages, with the tone each is shown in; visits have theirs in `web/words.py`."""

from collections.abc import Mapping

from contracts.values import BaseUnit
from web.words import Status

CALM, GOOD, TELL, NOTICE, BAD = "", "good", "tell", "warn", "bad"
"""Classes of pills."""

UNITS = {
    "available": Status("Available", GOOD),
    "reserved": Status("Reserved", NOTICE),
    "redeemed": Status("Used", CALM),
    "expired": Status("Expired", BAD),
    "forfeited": Status("Forfeited", BAD),
    "refunded": Status("Refunded", CALM),
    "transferred": Status("Transferred", CALM),
}
PACKAGES = {
    "active": Status("Active", GOOD),
    "used_up": Status("Used up", CALM),
    "expired": Status("Expired", BAD),
}
INVOICES = {
    "open": Status("Open", NOTICE),
    "paid": Status("Paid", GOOD),
}
POSTINGS = {
    "package_sale": Status("Package sold", CALM),
    "session_redemption": Status("Session performed", CALM),
    "session_invoice": Status("Invoice issued", CALM),
    "invoice_payment": Status("Invoice paid", CALM),
}
METHODS = {"cash": Status("Cash", CALM), "card_terminal": Status("Card terminal", CALM)}
MESSAGES = {
    "scheduled": Status("Scheduled", CALM),
    "sending": Status("Sending", NOTICE),
    "sent": Status("Sent", GOOD),
    "failed": Status("Failed", BAD),
    "suppressed": Status("Not sent", CALM),
}
TEMPLATES = {
    "booking_confirmation": Status("Booking confirmation", CALM),
    "booking_moved": Status("New time", CALM),
    "booking_cancelled": Status("Cancellation", CALM),
    "reminder_72h": Status("Reminder, 3 days before", CALM),
    "reminder_24h": Status("Reminder, the day before", CALM),
    "aftercare_h2": Status("Aftercare, 2 hours", CALM),
    "aftercare_h24": Status("Aftercare, next day", CALM),
    "aftercare_d3": Status("Aftercare, day 3", CALM),
    "aftercare_d7": Status("Aftercare, day 7", CALM),
    "aftercare_d28": Status("Aftercare, day 28", CALM),
    "recall_series": Status("Time for the next session", CALM),
    "recall_maintenance": Status("Time for maintenance", CALM),
}
SUPPRESSED = {
    "appointment_changed": "the visit was moved or cancelled",
    "too_late": "it would have come too late to help",
    "no_contact": "the patient has no e-mail address",
    "already_booked": "the next visit is already booked",
    "daily_cap": "the patient had enough messages that day",
    "opted_out": "the patient does not want messages",
}
FAILED = {
    "refused": "the address did not take it: check it with the patient",
    "outcome_unknown": "contact was lost on the way, so it may or may not have arrived",
}
RECALLS = {
    "open": Status("Planned", CALM),
    "due": Status("Due", NOTICE),
    "closed": Status("Booked", GOOD),
}
RECALL_REASONS = {"series": Status("Next session of the series", CALM), "maintenance": Status("Maintenance", CALM)}
ITEM_CLASSES = {
    "cartridge": Status("Cartridges", CALM),
    "rf_tip": Status("RF tips", CALM),
    "roller": Status("Rollers", CALM),
    "sheath": Status("Sheaths", CALM),
    "serum": Status("Serums", CALM),
    "numbing": Status("Numbing", CALM),
    "prp_kit": Status("PRP kits", CALM),
    "consumable": Status("Consumables", CALM),
    "retail": Status("Retail", CALM),
}
ITEM_KINDS = {
    "cartridge": "Needle cartridge",
    "rf_tip": "RF tip",
    "roller": "Roller",
    "sheath": "Sheath",
    "serum": "Serum",
    "numbing": "Numbing cream",
    "prp_kit": "PRP kit",
    "consumable": "Other consumable",
    "retail": "For sale",
}
"""The same of a single item."""
ITEM_UNITS = {BaseUnit.EACH: "pieces", BaseUnit.CENTI_ML: "ml", BaseUnit.CENTI_G: "g"}
LOTS = {
    "usable": Status("In date", GOOD),
    "provisional": Status("Provisional", NOTICE),
    "expired": Status("Expired", BAD),
    "quarantined": Status("Quarantined", BAD),
    "recalled": Status("Recalled", BAD),
}
DISCREPANCIES = {
    "short": Status("More used than there was", NOTICE),
    "unknown_lot": Status("Lot in no delivery", NOTICE),
    "expired_used": Status("Expired lot used", BAD),
}
URGENCIES = {
    "alert": Status("Open for over a day", NOTICE),
    "escalated": Status("Over three days old: for a manager", BAD),
}
"""Of a shortage whose delivery nobody has typed in (IV-31)."""
DETAILS = {
    "given_name": "first name",
    "family_name": "family name",
    "birth_date": "date of birth",
    "email": "e-mail",
    "phone": "phone",
    "zone": "time zone",
    "language": "language of messages",
    "accepts_email": "whether messages are wanted",
    "home_location_id": "home location",
}
MODALITIES = {"pen": "Pen", "roller": "Roller", "rf": "RF", "none": "Without needles"}
ROOMS = {"treatment": "Treatment room", "numbing_bay": "Numbing bay"}
ALIKE = {
    "birth_date_and_name": "born on the same day, with a name that is close",
    "phone": "the same phone number",
    "email": "the same e-mail address",
}
MISSING = {"money": "Payment", "stock": "Stock", "aftercare": "Aftercare", "recall": "Next visit"}


def why(reason: str | None) -> str:
    """Why a message was not sent, in plain words."""
    return {**SUPPRESSED, **FAILED}.get(reason or "", (reason or "").replace("_", " "))


def label(key: str, known: Mapping[str, Status]) -> Status:
    """The label of a key; one that is newer than this page reads as itself."""
    return known.get(key) or Status(key.replace("_", " ").capitalize(), CALM)
