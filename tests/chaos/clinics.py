"""Clinics for a long day: two of everything in each, and room and stock for as many visits as a run asks for."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from cli.api import RefusedError
from tests.chaos.insisting import Insistent
from tests.support.story import TREATMENT, Json
from tests.support.waiting import eventually

LANES = 2
"""Practitioners, rooms, bays, pens; so many desks at a time can work in a clinic."""
FIRST_HOUR, LAST_HOUR = 6, 20
"""Visits begin at every full hour."""
AHEAD_DAYS, INTERVAL_DAYS, LAST_DAYS = 14, 28, 700
PRICE = {"minor": 35_000, "currency": "USD"}
PACKAGE = {"minor": 90_000, "currency": "USD"}
PACKAGE_SESSIONS = 3
LOTS, LOT_QUANTITY = 4, 500_000
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PATIENCE_SECONDS = 120.0


@dataclass
class Lane:
    """One desk's own hours in a clinic: which patient comes when. Nobody comes twice within 28 days."""

    location_id: str
    products: list[Json]
    patients: dict[int, str] = field(default_factory=dict)
    visits: "count[int]" = field(default_factory=count)

    def next_time(self) -> tuple[int, str]:
        """Whose turn it is (the same number for the same patient), and when."""
        number = next(self.visits)
        a_day = LAST_HOUR - FIRST_HOUR + 1
        day, hour = divmod(number, a_day)
        on = datetime.now(UTC).date() + timedelta(days=AHEAD_DAYS + day)
        return number % (INTERVAL_DAYS * a_day), f"{on}T{FIRST_HOUR + hour:02}:00:00"


async def open_clinic(owner: Insistent) -> list[Lane]:
    """A clinic that everybody has heard of, with its prices and its shelves full."""
    code = f"chaos-{uuid4().hex[:8]}"
    location = await owner.post("booking", "/locations", _location(code))
    here = {"location_id": location["id"]}
    for number in range(LANES):
        await owner.post("booking", "/rooms", {**here, "name": f"Room {number}"})
        await owner.post("booking", "/rooms", {**here, "name": f"Bay {number}", "kind": "numbing_bay"})
        await owner.post("booking", "/devices", {**here, **_pen(code, number)})
        await _take_on(owner, location["id"], number)
    await eventually(lambda: _has_price(owner, location["id"]), patience=PATIENCE_SECONDS)
    await eventually(lambda: _is_stocked(owner, location["id"]), patience=PATIENCE_SECONDS)
    asked = {**here, "treatment": TREATMENT, "on": str(_in(AHEAD_DAYS))}
    products = await owner.get("inventory", "/suggestions", **asked)
    return [Lane(location["id"], products) for _ in range(LANES)]


def _in(days: int) -> date:
    return datetime.now(UTC).date() + timedelta(days=days)


def _location(code: str) -> Json:
    return {
        "code": code,
        "name": f"Clinic {code}",
        "city": "Phoenix",
        "zone": "America/Phoenix",  # where clocks never change
        "legal_entity_id": str(uuid4()),
        "legal_entity_name": f"Clinic {code} LLC",
        "opening": {day: ["05:00", "23:00"] for day in WEEK},
    }


def _pen(code: str, number: int) -> Json:
    return {
        "name": f"Pen {number}",
        "serial": f"{code}-{number}",
        "modality": "pen",
        "serviced_until": str(_in(LAST_DAYS)),
        "depth_max_hundredths_mm": 250,
    }


async def _take_on(owner: Insistent, location_id: str, number: int) -> None:
    credential = {"modality": "pen", "valid_until": str(_in(LAST_DAYS))}
    body: dict[str, Any] = {"name": f"Nurse {number}", "credential": "RN", "location_ids": [location_id]}
    person = await owner.post("booking", "/practitioners", {**body, "credentials": [credential]})
    for weekday in range(7):
        shift = {"location_id": location_id, "weekday": weekday, "starts": "05:00", "ends": "23:00"}
        await owner.post("booking", f"/practitioners/{person['id']}/shifts", shift)


async def _has_price(owner: Insistent, location_id: str) -> bool:
    """Set it as soon as billing has heard of the place."""
    body = {"treatment": TREATMENT, "location_id": location_id, "price": PRICE, "effective_on": str(_in(-1))}
    return await _accepted(owner.put("billing", "/prices", body))


async def _is_stocked(owner: Insistent, location_id: str) -> bool:
    """Fill the shelves as soon as inventory has heard of the place."""
    used = (await owner.get("inventory", f"/boms/{TREATMENT}"))["lines"]
    lines = [
        {"item_id": each["item_id"], "lot_number": f"L{n}", "expires_on": str(_in(LAST_DAYS)), "quantity": LOT_QUANTITY}
        for each in used
        for n in range(LOTS)
    ]
    return await _accepted(owner.post("inventory", "/receipts", {"location_id": location_id, "lines": lines}))


async def _accepted(asking: Any) -> bool:
    """Whether the place is known; any other refusal is a failure."""
    try:
        await asking
    except RefusedError as refused:
        if refused.code != "not_found":
            raise
        return False
    return True
