"""`needlepoint demo` tells a story that ends only when everything has followed, and says where it could not go on."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from rich.console import Console

from chassis.clock import ManualClock
from cli.api import Api, Credentials
from cli.story import walk as story
from cli.story.walk import FOLLOWS, People, StoryStoppedError, Walk

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
"""In New York it is still the day before."""
PLACE = {"id": str(uuid4()), "name": "Hudson Yards", "city": "New York", "zone": "America/New_York"}
OFFER = {"sessions": 3, "price": {"minor": 95_000, "currency": "USD"}}
SLOT = {"practitioner_id": str(uuid4()), "local_start": "2026-11-24T10:00:00"}
ENTITY = {"name": "Hudson LLC", "debit_total": {"minor": 100}, "credit_total": {"minor": 100}, "balanced": True}
STATUSES = {"confirm": "confirmed", "check-in": "checked_in", "numb": "numbing", "start": "in_procedure"}


@dataclass
class Clinic:
    """A chain as the story sees it: answers like the services do, and remembers what it was asked."""

    places: list[dict[str, Any]] = field(default_factory=lambda: [PLACE])
    offers: list[dict[str, Any]] = field(default_factory=lambda: [OFFER])
    slots: list[dict[str, Any]] = field(default_factory=lambda: [SLOT])
    follows: list[str] = field(default_factory=lambda: list(FOLLOWS))
    balanced: bool = True
    unknown_times: int = 0
    """How often billing has not heard of the patient yet."""
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    completed: bool = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api")
        body = json.loads(request.content) if request.content else dict(request.url.params)
        self.asked.append((request.method, path, body))
        if path == "/billing/packages" and self.unknown_times > 0:
            self.unknown_times -= 1
            return httpx.Response(404, json={"code": "not_found", "title": "There is no such thing here."})
        return httpx.Response(200, json=self._told(path, body))

    def _told(self, path: str, body: Mapping[str, Any]) -> Any:
        service, _, asked = path.removeprefix("/").partition("/")
        if asked.startswith("appointments"):
            return self._visit(asked, body)
        answers: dict[str, Callable[[], Any]] = {
            "booking/locations": lambda: self.places,
            "booking/patients": lambda: {"id": str(uuid4())},
            "billing/package-offers": lambda: self.offers,
            "billing/packages": dict,
            "booking/slots": lambda: self.slots,
            "inventory/suggestions": list,
            "audit/timeline": self._timeline,
            "billing/ledger/trial-balance": lambda: {"legal_entities": [ENTITY | {"balanced": self.balanced}]},
        }
        return answers[f"{service}/{asked}"]()

    def _visit(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        action = path.rpartition("/")[2]
        self.completed |= action == "complete"
        at = "2026-11-24T15:00:00Z"
        return {
            "id": "7",
            "version": body.get("version", 0) + 1,
            "status": STATUSES.get(action, "booked"),
            "practitioner_name": "Maya Ortega",
            "local_start": SLOT["local_start"],
            "numbing_at": at,
            "started_at": at,
        }

    def _timeline(self) -> list[dict[str, Any]]:
        """What followed is heard one fact at a time, as it is over Kafka."""
        heard = sum(path == "/audit/timeline" for _, path, _ in self.asked)
        types = ["booking.patient-registered", *(self.follows[: heard - 8] if self.completed else ())]
        return [
            {"message_id": kind, "causation_id": None, "type": kind, "title": kind, "at": NOW.isoformat()}
            for kind in types
        ]

    def paths(self, method: str) -> list[str]:
        return [path for sent, path, _ in self.asked if sent == method]


async def walk(clinic: Clinic) -> str:
    """What the story prints."""
    said = io.StringIO()
    api = Api("http://clinic.test", Credentials(token="t"), transport=httpx.MockTransport(clinic.answer))
    async with api:
        await Walk(People(api, api, api), ManualClock(NOW), Console(file=said, width=200)).walk()
    return said.getvalue()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "WAIT_SECONDS_MAX", 0.3)
    monkeypatch.setattr(story, "POLL_SECONDS", 0.001)


async def test_the_story_goes_from_the_first_call_to_the_books() -> None:
    clinic = Clinic()

    said = await walk(clinic)

    assert clinic.paths("POST") == [
        "/booking/patients",
        "/billing/packages",
        "/booking/appointments",
        *(f"/booking/appointments/7/{step}" for step in ("confirm", "check-in", "numb", "start", "complete")),
    ]
    assert all(kind.partition(".")[2] in said for kind in FOLLOWS)
    assert "Books of Hudson LLC: debit 1.00, credit 1.00" in said
    assert "sells 3 sessions for 950.00 USD" in said


async def test_each_step_is_asked_for_with_the_version_that_the_last_one_left() -> None:
    clinic = Clinic()

    await walk(clinic)

    assert [body["version"] for _, path, body in clinic.asked if path.startswith("/booking/appointments/")] == [
        1,
        2,
        3,
        4,
        5,
    ]


async def test_free_times_are_asked_for_from_the_day_it_is_at_the_clinic() -> None:
    clinic = Clinic()

    await walk(clinic)

    [asked] = [body for _, path, body in clinic.asked if path == "/booking/slots"]
    assert (asked["from"], asked["to"]) == ("2026-11-23", "2026-12-07")


async def test_a_patient_whom_billing_has_not_heard_of_is_waited_for() -> None:
    clinic = Clinic(unknown_times=3)

    await walk(clinic)

    assert clinic.paths("POST").count("/billing/packages") == 4


@pytest.mark.parametrize(
    ("clinic", "why"),
    [
        (Clinic(places=[]), "works at no location"),
        (Clinic(offers=[]), "No package of 3 is on offer for pen-face"),
        (Clinic(slots=[]), "Nothing is free for pen-face during the next 14 days"),
        (Clinic(balanced=False), "The books of Hudson LLC do not balance"),
    ],
)
async def test_where_it_can_not_go_on_it_says_why(clinic: Clinic, why: str) -> None:
    with pytest.raises(StoryStoppedError, match=why):
        await walk(clinic)


@pytest.mark.parametrize("missing", FOLLOWS)
async def test_what_does_not_follow_is_named_and_not_passed_over(missing: str) -> None:
    clinic = Clinic(follows=[each for each in FOLLOWS if each != missing])

    with pytest.raises(StoryStoppedError, match=f"nobody heard that {FOLLOWS[missing]}\\."):
        await walk(clinic)
