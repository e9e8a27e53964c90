"""kill -9 between any two steps of a fact's way: nothing is lost, nothing happens twice (F1; I1–I8, I12, I13)."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support import checks
from tests.support.processes import PATIENCE_SECONDS, Processes
from tests.support.story import TREATMENT, Json, Story, a_record
from tests.support.waiting import eventually

CUTS = [
    # where the fact is made
    ("facts.written", "booking-api"),
    ("facts.committed", "booking-api"),
    # on its way out
    ("relay.read", "booking-worker"),
    ("producer.sent", "booking-worker"),
    ("relay.acknowledged", "booking-worker"),
    ("relay.marked", "booking-worker"),
    # where it takes effect
    ("listener.fetched", "billing-worker"),
    ("inbox.claimed", "billing-worker"),
    ("inbox.applied", "inventory-worker"),
    ("facts.written", "notifications-worker"),
    ("facts.committed", "billing-worker"),
    ("listener.handled", "inventory-worker"),
    ("listener.told", "audit-worker"),
]
"""The point, and the process that dies there."""


class Signing:
    """The one command that everything follows from, sent again under the same key until it is answered."""

    def __init__(self, site: Processes, story: Story) -> None:
        self._site = site
        self._story = story
        self._key = str(uuid4())
        self.booked: Json = {}
        self._record: dict[str, Any] = {}

    async def prepare(self) -> None:
        """A visit that only has to be signed."""
        story = self._story
        location_id, patient_id = await story.someone_new()
        self.booked = await story.book(location_id, patient_id)
        await story.check_in(self.booked)
        await story.practitioner.post("booking", f"/appointments/{self.booked['id']}/start", {})
        here = {"location_id": location_id, "treatment": TREATMENT, "on": self.booked["local_start"][:10]}
        self._record = a_record(await story.practitioner.get("inventory", "/suggestions", **here))

    async def sign(self) -> Json:
        """The answer, however often it takes."""
        account = self._site.account("practitioner")
        async with httpx.AsyncClient(base_url=f"{self._site.url}/api", timeout=30) as client:
            body = {"email": account.email, "password": account.password}
            token = (await client.post("/identity/tokens", json=body)).json()["access_token"]
            headers = {"authorization": f"Bearer {token}", "idempotency-key": self._key}
            path = f"/booking/appointments/{self.booked['id']}/complete"

            async def answered() -> httpx.Response | None:
                answer = await client.post(path, json=self._record, headers=headers)
                return None if answer.is_server_error else answer

            answer = await eventually(answered, patience=PATIENCE_SECONDS)
        assert answer.status_code == 200, answer.text
        signed: Json = answer.json()
        return signed


@pytest.mark.fault("F1", dose="kill -9 at 13 points between write and offset", holds="I1 I2 I3 I4 I6 I7 I8 I12 I13")
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("point", "name"), CUTS)
async def test_a_power_cut_loses_nothing_and_doubles_nothing(
    point: str, name: str, site: Processes, story: Story
) -> None:
    since = datetime.now(UTC)
    signing = Signing(site, story)
    await signing.prepare()
    await site.settled(since=since)

    async with site.dying(name, at=point):
        answer = asyncio.create_task(signing.sign())
    signed = await answer

    await site.settled(since=since)
    assert signed["status"] == "completed"
    assert await checks.violations(site.connect) == {}
    followed = Counter(each["type"] for each in await timeline(story, signed["id"]))
    assert {followed[each] for each in MUST_FOLLOW} == {1}


MUST_FOLLOW = (
    "booking.session-completed",
    "billing.invoice-issued",
    "inventory.stock-consumed",
    "notifications.aftercare-scheduled",
    "notifications.recall-scheduled",
)


async def timeline(story: Story, appointment_id: str) -> list[Json]:
    told: list[Json] = await story.owner.get("audit", "/timeline", appointment_id=appointment_id)
    return told
