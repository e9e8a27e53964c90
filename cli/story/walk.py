"""The steps of the story, each a call that a screen would make, each by the person whose job it is."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console

from chassis.clock import Clock, new_id
from chassis.zones import zone_named
from cli.api import Api, ApiError, RefusedError
from cli.story.tree import Tree

TREATMENT, SESSIONS = "pen-face", 3
DAYS_AHEAD = 14
FOLLOWS = {
    "billing.session-redeemed": "the package was redeemed",
    "inventory.stock-consumed": "the products were taken from their lots",
    "notifications.aftercare-scheduled": "aftercare was scheduled",
    "notifications.recall-scheduled": "the next session was called for",
}
"""What must follow the session; the story is over when all of it has happened."""
WAIT_SECONDS_MAX = 30.0
POLL_SECONDS = 0.1
AREAS = [
    {"area": "forehead", "depth_hundredths_mm": 50, "passes": 3},
    {"area": "cheek", "depth_hundredths_mm": 100, "passes": 3},
]


class StoryStoppedError(ApiError):
    """The story can't go on; the message says at which step and why."""


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who plays a part, signed in."""

    desk: Api
    nurse: Api
    owner: Api


class Walk:
    """One visit, step by step."""

    def __init__(self, people: People, clock: Clock, console: Console) -> None:
        self._people = people
        self._clock = clock
        self._console = console
        self._tree = Tree(console)
        self._patient: dict[str, Any] = {}
        self._visit: dict[str, Any] = {}

    async def walk(self) -> None:
        """From the first call to the trial balance."""
        location = await self._location()
        await self._register(location)
        await self._sell(location)
        await self._book(location)
        for action in ("confirm", "check-in", "numb", "start"):
            await self._advance(action)
        await self._complete(location)
        await self._wait_for_what_follows()
        await self._check_the_books()

    async def _location(self) -> dict[str, Any]:
        places: list[dict[str, Any]] = await self._people.nurse.get("booking", "/locations")
        if not places:
            raise StoryStoppedError("The practitioner works at no location.")
        self._say(f"At {places[0]['name']}, {places[0]['city']}")
        return places[0]

    async def _register(self, location: Mapping[str, Any]) -> None:
        tag = new_id().hex[-6:]
        self._patient = await self._people.desk.post(
            "booking",
            "/patients",
            {
                "given_name": "Story",
                "family_name": f"Guest {tag}",
                "birth_date": "1990-05-17",
                "email": f"story.guest.{tag}@example.com",
                "home_location_id": location["id"],
            },
        )
        self._say("The desk registers a patient")
        await self._show()

    async def _sell(self, location: Mapping[str, Any]) -> None:
        place = {"location_id": location["id"], "treatment": TREATMENT}
        offers = await self._people.desk.get("billing", "/package-offers", **place)
        offer = next((each for each in offers if each["sessions"] == SESSIONS), None)
        if offer is None:
            raise StoryStoppedError(f"No package of {SESSIONS} is on offer for {TREATMENT}; has it a price here?")
        paid = {"method": "card_terminal", "amount": offer["price"], "reference": f"STORY-{self._patient['id'][-12:]}"}
        sale = {"patient_id": self._patient["id"], "sessions": SESSIONS, "price": offer["price"], "payments": [paid]}
        await self._when_known(place | sale)
        self._say(
            f"… and sells {SESSIONS} sessions for {offer['price']['minor'] / 100:.2f} {offer['price']['currency']}"
        )
        await self._show()

    async def _when_known(self, sale: Mapping[str, Any]) -> None:
        """Billing hears of a new patient a moment after booking: until then it knows nobody of that id."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while True:
            try:
                await self._people.desk.post("billing", "/packages", sale)
            except RefusedError as error:
                if error.status != 404 or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(POLL_SECONDS)
            else:
                return

    async def _book(self, location: Mapping[str, Any]) -> None:
        today = self._clock.now().astimezone(zone_named(location["zone"])).date()
        days = {"from": today.isoformat(), "to": (today + timedelta(days=DAYS_AHEAD)).isoformat()}
        slots = await self._people.desk.get(
            "booking", "/slots", location_id=location["id"], treatment=TREATMENT, **days
        )
        if not slots:
            raise StoryStoppedError(f"Nothing is free for {TREATMENT} during the next {DAYS_AHEAD} days.")
        slot = slots[0]
        wanted = {
            "patient_id": self._patient["id"],
            "location_id": location["id"],
            "treatment": TREATMENT,
            "practitioner_id": slot["practitioner_id"],
            "local_start": slot["local_start"],
        }
        self._visit = await self._people.desk.post("booking", "/appointments", wanted)
        start = datetime.fromisoformat(slot["local_start"])
        self._say(f"The desk books the first free time: {start:%A %d %B %H:%M}, {self._visit['practitioner_name']}")
        await self._show()

    async def _advance(self, action: str) -> None:
        by = self._people.desk if action in ("confirm", "check-in") else self._people.nurse
        path = f"/appointments/{self._visit['id']}/{action}"
        self._visit = await by.post("booking", path, {"version": self._visit["version"]})
        self._say(f"{action.capitalize()}: the visit is {self._visit['status'].replace('_', ' ')}")
        await self._show()

    async def _complete(self, location: Mapping[str, Any]) -> None:
        suggested = await self._people.nurse.get(
            "inventory",
            "/suggestions",
            location_id=location["id"],
            treatment=TREATMENT,
            on=self._visit["local_start"][:10],
        )
        for each in suggested:
            self._console.print(f"    first to expire: {each['name']}, lot {each['lot_number']}, {each['expires_on']}")
        record = {
            "version": self._visit["version"],
            "areas": AREAS,
            "products": [{name: each[name] for name in ("item_id", "lot_id", "quantity")} for each in suggested],
            "aftercare_given": True,
            "reaction_grade": 1,
            "numbing": {"on_at": self._visit["numbing_at"], "off_at": self._visit["started_at"]},
        }
        self._visit = await self._people.nurse.post("booking", f"/appointments/{self._visit['id']}/complete", record)
        self._say("The practitioner signs the treatment record")

    async def _wait_for_what_follows(self) -> None:
        """Until everything that must follow has been heard of; the clock only ends a story that went wrong."""
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while missing := FOLLOWS.keys() - {each["type"] for each in await self._show()}:
            if time.monotonic() > deadline:
                said = ", ".join(FOLLOWS[each] for each in sorted(missing))
                raise StoryStoppedError(f"Within {WAIT_SECONDS_MAX:.0f} seconds nobody heard that {said}.")
            await asyncio.sleep(POLL_SECONDS)

    async def _check_the_books(self) -> None:
        books = await self._people.owner.get("billing", "/ledger/trial-balance")
        for entity in books["legal_entities"]:
            debit, credit = (entity[side]["minor"] / 100 for side in ("debit_total", "credit_total"))
            self._say(f"Books of {entity['name']}: debit {debit:,.2f}, credit {credit:,.2f}")
            if not entity["balanced"]:
                raise StoryStoppedError(f"The books of {entity['name']} do not balance.")

    async def _show(self) -> list[dict[str, Any]]:
        """Print the facts about this patient that are new, and return all of them."""
        found: list[dict[str, Any]] = await self._people.owner.get("audit", "/timeline", patient_id=self._patient["id"])
        self._tree.show(found)
        return found

    def _say(self, text: str) -> None:
        self._console.print(text, style="bold", highlight=False)
