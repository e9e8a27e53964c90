"""What does not match: each kind with its way out, and incidents that a manager closes with a note."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support import booking
from tests.support.everyone import Chain, Json, a_patient, act, an_appointment, settle
from tests.support.front import words

NOBODYS_LOT = "0199b7a4-5a43-7c0e-9d0e-7b1c3f1f2a10"


@pytest.fixture
async def incident(chain: Chain) -> Json:
    """An expired cartridge was used."""
    now = chain.house.clock.now()
    box = {"item_id": str(chain.items["cartridge"]), "lot_number": f"OLD-{now:%d}", "quantity": 5}
    expired = {"expires_on": str(now.date() - timedelta(days=1)), **box}
    came = {"location_id": str(chain.clinic.id), "received_on": str(now.date() - timedelta(days=9)), "lines": [expired]}
    lot = (await chain.do("inventory", "/receipts", came))["lines"][0]["lot_id"]
    await a_session(chain, item_id=str(chain.items["cartridge"]), lot_id=lot, quantity=1)
    [found] = await discrepancies(chain, kind="expired_used", state="open")
    return found


async def test_everything_matches_until_it_does_not(chain: Chain, sign_in: SignIn) -> None:
    assert "Everything matches" in await (await sign_in(Role.STOCK_KEEPER)).read("stock/discrepancies")

    cartridge = str(chain.items["cartridge"])
    await a_session(chain, item_id=cartridge, lot_id=NOBODYS_LOT, quantity=1)
    await a_session(chain, item_id=cartridge, quantity=700)
    keeper = await sign_in(Role.STOCK_KEEPER)
    page = (await keeper.get("stock/discrepancies")).text

    assert "Lot in no delivery" in words(page)
    assert "More used than there was" in words(page)
    assert page.count("/stock/receive?item=Cartridge") == 2
    assert "2 see what does not match" in await keeper.read("stock")
    assert [row[1] for row in (await keeper.rows("stock/discrepancies.csv", kind="short"))[1:]] == [
        "More used than there was"
    ]


async def test_a_shortage_grows_urgent_after_a_day_and_goes_to_a_manager_after_three(
    chain: Chain, sign_in: SignIn
) -> None:
    await a_session(chain, item_id=str(chain.items["cartridge"]), quantity=700)
    said = []
    for days in (0, 1, 2):
        chain.house.clock.advance(timedelta(days=days))
        said.append(await (await sign_in(Role.STOCK_KEEPER)).read("stock/discrepancies", kind="short"))

    assert "Open for over a day" not in said[0].partition("Next step")[2].split("Session")[0]
    assert "Open for over a day" in said[1]
    assert "Over three days old: for a manager" in said[2]
    assert "for over a day" in await (await sign_in(Role.STOCK_KEEPER)).read("stock")


async def test_the_missing_delivery_is_typed_in_with_what_is_known_of_it(sign_in: SignIn) -> None:
    keeper = await sign_in(Role.STOCK_KEEPER)

    form = (await keeper.get("stock/receive", item="Cartridge", lot="C-7", came_by="2026-11-20")).text

    for known in ('value="Cartridge"', 'value="C-7"', 'value="2026-11-20"'):
        assert known in form


async def test_an_incident_is_closed_with_a_note_by_a_manager(chain: Chain, sign_in: SignIn, incident: Json) -> None:
    manager = await sign_in(Role.MANAGER)
    path = f"stock/discrepancies/{incident['id']}"

    empty = await manager.post(path, {"note": " ", "key": "k" * 20})
    closed = await manager.post(path, {"note": "Called, skin is calm.", "key": "c" * 20})

    assert "Write down what was found and what was done." in words(empty.text)
    assert (empty.status_code, closed.status_code) == (422, 303)
    assert "The incident is closed" in await manager.read(closed.headers["location"])
    assert "Called, skin is calm." in await manager.read("stock/discrepancies", state="closed")
    assert "Called, skin is calm." in await manager.read(path)
    assert await discrepancies(chain, kind="expired_used", state="open") == []


async def test_who_keeps_the_shelf_is_told_who_looks_into_an_incident(sign_in: SignIn, incident: Json) -> None:
    keeper = await sign_in(Role.STOCK_KEEPER)
    path = f"stock/discrepancies/{incident['id']}"

    assert "A manager looks into it" in await keeper.read("stock/discrepancies", kind="expired_used")
    assert (await keeper.get(path)).status_code == 403
    assert (await keeper.post(path, {"note": "Mine", "key": "k" * 20})).status_code == 403


async def test_an_incident_that_is_not_there_is_told_as_that(sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)

    assert (await manager.get(f"stock/discrepancies/{NOBODYS_LOT}")).status_code == 404


async def test_what_a_delivery_closes_has_no_form_of_an_incident(chain: Chain, sign_in: SignIn) -> None:
    manager = await sign_in(Role.MANAGER)
    short = next(each for each in await discrepancies(chain) if each["kind"] != "expired_used")

    assert (await manager.get(f"stock/discrepancies/{short['id']}")).status_code == 404
    assert (await chain.get("inventory", f"/discrepancies/{short['id']}"))["item_name"] == short["item_name"]


async def discrepancies(chain: Chain, **asked: str) -> list[Json]:
    await settle(chain.house)
    found = await chain.get("inventory", "/discrepancies", location_id=str(chain.clinic.id), **asked)
    items: list[Json] = found["items"]
    return items


async def a_session(chain: Chain, **product: Any) -> None:
    """A session of the next morning that used this."""
    day = (chain.house.clock.now() + timedelta(days=1)).date()
    chain.house.clock.set(datetime(day.year, day.month, day.day, 15, tzinfo=UTC))
    patient = await chain.do("booking", "/patients", a_patient(chain, "used"))
    wanted = {**an_appointment(chain, patient["id"], "pen", 0), "local_start": f"{day}T10:00:00"}
    booked = await chain.do("booking", "/appointments", wanted)
    for step in ("check-in", "start"):
        await act(chain, booked["id"], step)
    await act(chain, booked["id"], "complete", **booking.a_record(products=[product]))
    await settle(chain.house)
