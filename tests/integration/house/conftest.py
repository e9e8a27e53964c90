"""One world for all tests of a file: a chain with a day behind it, and the ids of what is in it."""

from collections.abc import AsyncIterator

import pytest

from chassis import parked
from contracts.identity import Role
from contracts.values import LocationId
from tests.integration.house.walking import World
from tests.support.booking import a_record
from tests.support.databases import TestCluster
from tests.support.everyone import Chain, Json, act, everyone, open_chain, settle, visits
from tests.support.house import House
from tests.support.identity import a_member
from tests.support.web import a_message


@pytest.fixture(scope="module")
async def world(test_cluster: TestCluster) -> AsyncIterator[World]:
    """What one test changes in it is of no account to the next."""
    house = House(test_cluster)
    await house.move_in(everyone())
    chain = await open_chain(house)
    made = await visits(chain)
    await _use_more_than_there_is(chain, made["waiting"])
    await settle(house)
    await _put_one_aside_everywhere(house)
    yield World(chain, await _ids(chain, made))
    await house.close()


async def _use_more_than_there_is(chain: Chain, appointment_id: str) -> None:
    """So that there is a discrepancy to look at."""
    for step in ("check-in", "start"):
        await act(chain, appointment_id, step)
    used = [{"item_id": str(chain.items["cartridge"]), "quantity": 500}]
    await act(chain, appointment_id, "complete", **a_record(products=used))


async def _put_one_aside_everywhere(house: House) -> None:
    """So that each service that listens has the parked message number 1."""
    for name, running in house.running.items():
        if not running.service.subscriptions:
            continue
        async with running.context.db.transaction() as tx:
            await parked.park(tx, name, a_message(), parked.Why("nobody can handle it"))


async def _planned(chain: Chain, practitioner_id: str) -> tuple[Json, Json]:
    """A weekly shift and a day off of one who treats, both far ahead."""
    path = f"/practitioners/{practitioner_id}"
    weekly = {"location_id": str(chain.clinic.id), "weekday": 6, "starts": "20:00", "ends": "22:00"}
    shift: Json = await chain.do("booking", f"{path}/shifts", {**weekly, "from_on": "2027-06-01"})
    absence: Json = await chain.do("booking", f"{path}/absences", {"day": "2027-06-02"})
    return shift, absence


async def _ids(chain: Chain, made: dict[str, str]) -> dict[str, str]:
    owner = await a_member(chain.house, Role.OWNER)
    member = await a_member(chain.house, Role.FRONT_DESK, at=LocationId(chain.clinic.id))
    staff = (await chain.house.client("identity", owner.caller(Role.OWNER)).get("/staff")).json()["items"]
    grants = next(each["grants"] for each in staff if each["id"] == str(member.id))
    visit = await chain.get("booking", f"/appointments/{made['invoiced']}")
    redeemed = await chain.get("booking", f"/appointments/{made['redeemed']}")
    account = await chain.get("billing", f"/patients/{visit['patient_id']}/account")
    packages = (await chain.get("billing", f"/patients/{redeemed['patient_id']}/account"))["packages"]
    messages = await chain.get("notifications", "/messages", appointment_id=made["invoiced"])
    receipts = await chain.get("inventory", "/receipts", location_id=str(chain.clinic.id))
    discrepancies = await chain.get("inventory", "/discrepancies", location_id=str(chain.clinic.id))
    lots = await chain.get("inventory", f"/patients/{visit['patient_id']}/lots")
    treatments = await chain.get("booking", "/treatments")
    shift, absence = await _planned(chain, visit["practitioner_id"])
    return {
        "shift_id": shift["id"],
        "absence_id": absence["id"],
        "location_id": str(chain.clinic.id),
        "home_location_id": str(chain.clinic.id),
        "patient_id": visit["patient_id"],
        "appointment_id": made["invoiced"],
        "practitioner_id": visit["practitioner_id"],
        "room_id": visit["room_id"],
        "device_id": visit["device_id"],
        "package_id": packages[0]["id"],
        "invoice_id": account["invoices"][0]["id"],
        "message_id": messages["items"][0]["id"],
        "staff_id": str(member.id),
        "grant_id": grants[0]["id"],
        "receipt_id": receipts["items"][0]["id"],
        "discrepancy_id": discrepancies["items"][0]["id"],
        "lot_id": lots[0]["lot_id"],
        "parked_id": "1",
        "item_id": str(chain.items["serum"]),
        "treatment": "pen-face",
        "treatment_id": treatments[0]["id"],
        "location_code": "soho",
        "legal_entity_id": str(chain.clinic.legal_entity_id),
        "local_start": "2026-12-22T10:00:00",
        "ids": made["invoiced"],
        "on": "2026-11-24",
        "day": "2026-11-24",
    }
