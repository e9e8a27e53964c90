"""What is missing after a session is shown until it arrives, and what a service could not handle is handled again."""

import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.async_api import Page, expect

from embedded.postgres import Cluster
from tests.support.site import OwnSite, Site
from tests.support.story import Story
from tests.support.waiting import eventually
from tests.support.window import PLACE, sign_in

BREAK_SECONDS_MAX = 100
"""A session has a minute for what must follow it; then the next look of the clock finds it."""


@pytest.mark.timeout(240)
async def test_a_session_without_its_money_is_a_break_until_the_money_arrives(
    page: Page, site: Site, story: Story
) -> None:
    visit = await a_session_without_a_price(story)
    patient = f"{visit['patient']['given_name']} {visit['patient']['family_name']}"
    await sign_in(page, site.account("manager"), to=f"/l/{PLACE}/breaks")
    row = page.get_by_role("row", name=patient)

    async def is_shown() -> bool:
        await page.reload()
        return await row.count() == 1

    assert await eventually(is_shown, patience=BREAK_SECONDS_MAX)
    await expect(row).to_contain_text("Payment")
    await expect(row).not_to_contain_text("Stock")
    await row.get_by_role("link").first.click()
    await expect(page.get_by_role("dialog", name=patient)).to_be_visible()

    await set_a_price(site, visit)
    await page.goto(f"/l/{PLACE}/breaks?state=healed")

    assert await eventually(is_shown, patience=30)
    await page.goto(f"/l/{PLACE}/breaks")
    await expect(row).to_have_count(0)


async def test_a_parked_message_is_tried_first_and_then_handled(page: Page, site: Site) -> None:
    message_id = await park_something(site)
    await sign_in(page, site.account("operator"), to=f"/l/{PLACE}/parked")

    shelf = page.get_by_role("region", name="Audit", exact=True)
    await expect(shelf).to_contain_text(str(message_id))
    await expect(shelf).to_contain_text("ValueError: nobody can read this")
    await shelf.get_by_role("button", name="Try a replay").click()
    await expect(page.get_by_text("Nothing has been changed so far")).to_be_visible()
    await expect(page.get_by_role("region", name="would be handled again")).to_contain_text(str(message_id))
    await page.get_by_role("button", name=re.compile(r"^Replay \d+ message")).click()

    await expect(page.get_by_role("status").filter(has_text="handled again")).to_be_visible()
    await expect(page.get_by_text(str(message_id))).to_have_count(0)


async def a_session_without_a_price(story: Story) -> dict[str, Any]:
    """Of a treatment that is so new that nobody has set its price."""
    code = f"talk-{uuid4().hex[:8]}"
    plan = {"checkin": 0, "procedure": 15, "aftercare": 0, "cleaning": 0, "uses_device": False}
    new = {"code": code, "name": f"Talk {code}", "modality": "none", "plan": plan}
    await story.owner.post("booking", "/treatments", new)
    location_id, patient_id = await story.someone_new()
    day = (await story.free_slot(location_id))["local_start"][:10]
    asked = {"location_id": location_id, "treatment": code, "from": day, "to": day}
    slots = await story.desk.get("booking", "/slots", **asked)
    body = {"patient_id": patient_id, "location_id": location_id, "treatment": code}
    wish = {name: slots[-1][name] for name in ("local_start", "practitioner_id")}
    visit: dict[str, Any] = await story.desk.post("booking", "/appointments", body | wish)
    await story.check_in(visit)
    await story.practitioner.post("booking", f"/appointments/{visit['id']}/start", {})
    await story.practitioner.post("booking", f"/appointments/{visit['id']}/complete", {"aftercare_given": True})
    return visit


async def set_a_price(site: Site, visit: dict[str, Any]) -> None:
    """Late, but still: what waited for it is charged."""
    owner = site.account("owner")
    body = {"treatment": visit["treatment"], "location_id": visit["location_id"], "effective_on": "2020-01-01"}
    async with httpx.AsyncClient(base_url=f"{site.url}/api", timeout=30) as client:
        signed = await client.post("/identity/tokens", json={"email": owner.email, "password": owner.password})
        bearer = {"authorization": f"Bearer {signed.json()['access_token']}"}
        price = {"minor": 5000, "currency": "USD"}
        (await client.put("/billing/prices", json={**body, "price": price}, headers=bearer)).raise_for_status()


async def park_something(site: Site) -> UUID:
    """A message that audit put aside, as it would after a mistake of ours that is mended since."""
    if not isinstance(site, OwnSite):
        pytest.skip("nothing can be parked from outside: this needs the databases of a site of its own")
    cluster = Cluster(site.folder)
    cluster.join()
    booking, audit = await cluster.connect("booking"), await cluster.connect("audit")
    told = await booking.fetchrow(
        "SELECT message_id, aggregate_id, type, headers, payload FROM outbox"
        " WHERE type = 'booking.patient-registered' ORDER BY id DESC LIMIT 1"
    )
    await audit.execute(
        "INSERT INTO parked (consumer, message_id, key, type, envelope, body, reason, attempts)"
        " VALUES ('audit', $1, $2, $3, $4, $5, 'ValueError: nobody can read this', 10)",
        *told.values(),
    )
    await booking.close()
    await audit.close()
    message_id: UUID = told["message_id"]
    return message_id
