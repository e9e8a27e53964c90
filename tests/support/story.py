"""The story that everything stands on, told over the public HTTP API: one visit, from the booking to the books.

It knows an address and demo users, nothing else, so it runs wherever the system runs.
"""

import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from cli.api import Api, RefusedError
from tests.support.waiting import eventually

TREATMENT = "pen-face"
DAYS_AHEAD = 14
Json = dict[str, Any]
SignIn = Callable[[str], Api]


@dataclass(frozen=True)
class Visit:
    """What the story made, by id."""

    location_id: str
    patient_id: str
    appointment_id: str
    package_id: str | None
    lots: frozenset[str]


class Story:
    """A front desk, a practitioner, and those who look at the books, each signed in as who they are."""

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        people = ("front_desk", "practitioner", "owner")
        apis = [await self._open.enter_async_context(self._sign_in(each)) for each in people]
        self.desk, self.practitioner, self.owner = apis
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def one_visit(self, *, package: bool) -> Visit:
        """Register, sell, book, check in, start, complete; the effects follow by themselves."""
        location_id, patient_id = await self.someone_new()
        sold = await self.sell(location_id, patient_id) if package else None
        booked = await self.book(location_id, patient_id)
        await self.check_in(booked)
        lots = await self.treat(booked)
        return Visit(location_id, patient_id, booked["id"], sold["id"] if sold else None, lots)

    async def someone_new(self) -> tuple[str, str]:
        """A new patient at the first location where both the desk and the practitioner work."""
        at_desk = await self.desk.get("booking", "/locations")
        treats_at = {each["id"] for each in await self.practitioner.get("booking", "/locations")}
        location_id: str = next(each["id"] for each in at_desk if each["id"] in treats_at)
        patient = await self.desk.post("booking", "/patients", a_patient(location_id))
        return location_id, patient["id"]

    async def check_in(self, booked: Json) -> None:
        for step in ("confirm", "check-in"):
            await self.desk.post("booking", f"/appointments/{booked['id']}/{step}", {})

    async def sell(self, location_id: str, patient_id: str) -> Json:
        price = {"minor": 150_000, "currency": "USD"}
        paid = [{"method": "card_terminal", "amount": price, "reference": f"T-{uuid4().hex[:12]}"}]
        body = {"patient_id": patient_id, "location_id": location_id, "treatment": TREATMENT, "sessions": 3}
        sold: Json = await self.desk.post("billing", "/packages", {**body, "price": price, "payments": paid})
        return sold

    async def book(self, location_id: str, patient_id: str) -> Json:
        slot = await self.free_slot(location_id)  # another desk may take it first: then take another
        body = {"patient_id": patient_id, "location_id": location_id, "treatment": TREATMENT}
        body |= {"local_start": slot["local_start"], "practitioner_id": slot["practitioner_id"]}
        try:
            booked: Json = await self.desk.post("booking", "/appointments", body)
        except RefusedError as refused:
            if refused.code != "slot_taken":
                raise
            return await self.book(location_id, patient_id)
        return booked

    async def refused_booking(self, booked: Json, treatment: str) -> RefusedError:
        """Another patient wants the very time, practitioner and room of this appointment."""
        other = await self.desk.post("booking", "/patients", a_patient(booked["location_id"]))
        body = {"patient_id": other["id"], "location_id": booked["location_id"], "treatment": treatment}
        body |= {each: booked[each] for each in ("local_start", "practitioner_id", "room_id")}
        try:
            await self.desk.post("booking", "/appointments", body)
        except RefusedError as refused:
            return refused
        raise AssertionError("the same time was sold twice")

    async def free_slot(self, location_id: str) -> Json:
        first = datetime.now(UTC).date() + timedelta(days=DAYS_AHEAD)
        window = {"from": str(first), "to": str(first + timedelta(days=7))}
        slots = await self.desk.get("booking", "/slots", location_id=location_id, treatment=TREATMENT, **window)
        found: Json = random.choice(slots)
        return found

    async def treat(self, booked: Json) -> frozenset[str]:
        """Start, take the lots that are suggested, sign the record."""
        path = f"/appointments/{booked['id']}"
        started = await self.practitioner.post("booking", f"{path}/start", {})
        suggested = await self.practitioner.get(
            "inventory",
            "/suggestions",
            location_id=booked["location_id"],
            treatment=TREATMENT,
            on=started["local_start"][:10],
        )
        await self.practitioner.post("booking", f"{path}/complete", a_record(suggested))
        return frozenset(each["lot_id"] for each in suggested)

    async def has_settled(self, visit: Visit) -> bool:
        """Wait until money, stock, aftercare and recall have followed, and nothing is reported missing."""
        wanted = {"booking.session-completed", "inventory.stock-consumed", "notifications.aftercare-scheduled"}
        wanted |= {"notifications.recall-scheduled"}
        wanted |= {"billing.session-redeemed" if visit.package_id else "billing.invoice-issued"}

        async def everything_followed() -> bool:
            return wanted <= {each["type"] for each in await self.timeline(visit)}

        return await eventually(everything_followed)

    async def timeline(self, visit: Visit) -> list[Json]:
        told: list[Json] = await self.owner.get("audit", "/timeline", appointment_id=visit.appointment_id)
        return told


def a_patient(location_id: str) -> Json:
    unique = uuid4().hex[:10]
    return {
        "given_name": "Imogen",
        "family_name": f"Story {unique}",
        "email": f"imogen.{unique}@example.com",
        "phone": "+12125550147",
        "birth_date": "1988-04-12",
        "home_location_id": location_id,
    }


def a_record(suggested: list[Json]) -> Json:
    products = [
        {"item_id": each["item_id"], "lot_id": each["lot_id"], "quantity": each["quantity"]} for each in suggested
    ]
    areas = [{"area": "cheek", "depth_hundredths_mm": 75, "passes": 3}]
    return {"areas": areas, "products": products, "reaction_grade": 1, "aftercare_given": True}
