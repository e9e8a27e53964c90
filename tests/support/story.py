"""The story that everything stands on, told over the public HTTP API: one visit, from the booking to the books.

It knows an address and demo users, nothing else, so it runs wherever the system runs.
"""

import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from cli.api import Api, RefusedError
from contracts.values import Money
from tests.support.followed import COMPLETED, Followed, Visit, in_story, planned
from tests.support.waiting import eventually
from web.templating import money, short_day

TREATMENT = "pen-face"
DAYS_AHEAD = 14
FRESH_FOR = timedelta(days=365)
Json = dict[str, Any]
SignIn = Callable[[str], Api]


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

    async def location(self) -> str:
        """The first one at which both the desk and the practitioner work."""
        at_desk = await self.desk.get("booking", "/locations")
        treats_at = {each["id"] for each in await self.practitioner.get("booking", "/locations")}
        found: str = next(each["id"] for each in at_desk if each["id"] in treats_at)
        return found

    async def someone_new(self, **more: str) -> tuple[str, str]:
        """That location, and a new patient of it, of whom `more` may be said."""
        location_id = await self.location()
        patient = await self.desk.post("booking", "/patients", a_patient(location_id) | more)
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

    async def stock_up(self) -> None:
        """A delivery for hundreds of treatments, of what expires long after everything else on the shelf."""
        location_id, today = await self.location(), datetime.now(UTC).date()
        here = {"location_id": location_id, "treatment": TREATMENT, "on": str(today)}
        usual = await self.practitioner.get("inventory", "/suggestions", **here)
        lot = {"lot_number": f"STORY-{uuid4().hex[:10]}", "expires_on": str(today + FRESH_FOR)}
        taken = {each["item_id"]: each["quantity"] for each in usual}
        lines = [{"item_id": item_id, "quantity": 500 * quantity, **lot} for item_id, quantity in taken.items()]
        await self.owner.post("inventory", "/receipts", {"location_id": location_id, "lines": lines})

    async def pay(self, visit: Visit) -> None:
        """Everything that is due for it, in cash."""
        account = await self.desk.get("billing", f"/patients/{visit.patient_id}/account")
        for invoice in account["invoices"]:
            payment = {"method": "cash", "amount": invoice["due"]}
            await self.desk.post("billing", f"/invoices/{invoice['id']}/payments", payment)

    async def look(self, visit: Visit) -> list[Followed]:
        """What followed; waits until the timeline shows what must, the rest is asked once."""
        await self.has_settled(visit)
        of_patient = {"patient_id": visit.patient_id}
        told = await eventually(lambda: self._whole_tale(visit))
        session = next(each["message_id"] for each in told if each["type"] == COMPLETED)
        account = await self.desk.get("billing", f"/patients/{visit.patient_id}/account")
        used = await self.owner.get("inventory", f"/patients/{visit.patient_id}/lots")
        waiting = await self.desk.get("notifications", "/messages", state="scheduled", **of_patient)
        [recall] = (await self.desk.get("notifications", "/recalls", **of_patient))["items"]
        books = await self.owner.get("billing", "/ledger/trial-balance")
        seen = Followed(
            timeline=in_story(each["type"] for each in told),
            from_session=in_story(each["type"] for each in told if each["causation_id"] == session),
            sessions_left=sum(each["remaining"] for each in account["packages"]),
            balance_due=money(Money.model_validate(account["balance_due"])),
            lots=tuple(sorted(each["lot_number"] for each in used)),
            planned=planned(each["template"] for each in waiting["items"]),
            next_visit_on=short_day(date.fromisoformat(recall["due_on"])),
            is_a_break=await self._is_a_break(visit),
            books_balance=all(each["balanced"] for each in books["legal_entities"]),
        )
        return [seen]

    async def first_to_expire(self, booked: Json) -> tuple[str, ...]:
        """Numbers of the lots that FEFO takes for this visit: of each usual product the one that expires first."""
        here = {"location_id": booked["location_id"], "on": booked["local_start"][:10]}
        usual = await self.practitioner.get("inventory", "/suggestions", treatment=booked["treatment"], **here)
        shelves = [await self.practitioner.get("inventory", f"/items/{each['item_id']}/lots", **here) for each in usual]
        first = [min(lots, key=lambda lot: lot["expires_on"]) for lots in shelves]
        return tuple(sorted(each["lot_number"] for each in first))

    async def session_day(self, visit: Visit) -> date:
        """The day on which it took place, by the calendar of the location; waits until the stock has followed."""
        await self.has_settled(visit)
        used = await self.owner.get("inventory", f"/appointments/{visit.appointment_id}/consumption")
        return date.fromisoformat(used["performed_on"])

    async def has_settled(self, visit: Visit) -> bool:
        """Wait until money, stock, aftercare and recall have followed, and nothing is reported missing."""

        async def everything_followed() -> bool:
            told = {each["type"] for each in await self.timeline(visit)}
            return visit.follows <= told and not await self._is_a_break(visit)

        return await eventually(everything_followed)

    async def _whole_tale(self, visit: Visit) -> list[Json] | None:
        """All that is told of the patient; None while a payment is on its way into it."""
        told: list[Json] = await self.owner.get("audit", "/timeline", patient_id=visit.patient_id)
        return told if visit.follows_payment <= {each["type"] for each in told} else None

    async def _is_a_break(self, visit: Visit) -> bool:
        breaks = await self.owner.get("audit", "/breaks", state="open")
        return visit.appointment_id in {each["appointment_id"] for each in breaks}

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
