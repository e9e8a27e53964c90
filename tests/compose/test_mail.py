"""With the profile `dev`, what patients are told arrives in Mailpit and nowhere else."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.support.containers import Containers, has_image
from tests.support.site import Site
from tests.support.story import Story
from tests.support.waiting import eventually

AROUND_THE_WORLD = ("America/Los_Angeles", "Europe/London", "Asia/Shanghai")


@pytest.fixture
def mailbox(containers: Containers) -> Iterator[httpx.AsyncClient]:
    if not has_image(containers, "mailpit"):
        pytest.skip("UNPROVED, because there is no image of Mailpit here: that e-mail reaches it")
    containers.up("mailpit", "notifications-worker", profiles="dev", NEEDLEPOINT_CHANNEL="email")
    port = containers.settings["NEEDLEPOINT_MAILPIT_PORT"]
    yield httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30)
    containers.up("notifications-worker", profiles="", NEEDLEPOINT_CHANNEL="console")
    containers.remove("mailpit")


@pytest.mark.timeout(180)
async def test_a_booking_is_confirmed_by_e_mail(mailbox: httpx.AsyncClient, site: Site) -> None:
    async with mailbox, Story(site.api) as story:
        location_id, patient_id = await story.someone_new(zone=where_it_is_day())
        patient = await story.desk.get("booking", f"/patients/{patient_id}")

        await story.book(location_id, patient_id)

        async def has_arrived() -> bool:
            told = (await mailbox.get("/api/v1/messages")).json()["messages"]
            return patient["email"] in {to["Address"] for each in told for to in each["To"]}

        await eventually(has_arrived, patience=120)


def where_it_is_day() -> str:
    """Nobody is written to at night; one of these three is always between nine and seven."""
    return next(zone for zone in AROUND_THE_WORLD if 9 <= datetime.now(ZoneInfo(zone)).hour < 19)
