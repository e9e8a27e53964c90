"""Every route of every service is closed to who may not use it: a walk over all there are (CP-02, I17)."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from chassis.tokens import Caller
from contracts.identity import Role
from contracts.values import LocationId
from tests.integration.house.walking import Door, World, doors
from tests.support.booking import a_record
from tests.support.databases import TestCluster
from tests.support.everyone import Chain, act, everyone, open_chain, settle, visits
from tests.support.house import House
from tests.support.identity import a_member
from tests.support.tokens import a_member_of_staff, a_service

OPEN_TO_THE_WORLD = {
    "identity POST /tokens",
    "identity POST /service-tokens",
    "identity GET /keys",
    "identity POST /sessions",
    "identity POST /sessions/refresh",
    "identity POST /sessions/end",
}
"""They ask for a password, a key or a session in the body, or hand out public keys."""

CHAIN_WIDE = {
    "identity GET /me": "about the caller alone",
    "identity POST /me/password": "about the caller alone",
    "identity GET /staff": "shows colleagues at the caller's locations",
    "identity POST /staff": "a new member of staff has no location yet",
    "booking GET /treatments": "the chain has one catalogue",
    "booking POST /treatments": "the chain has one catalogue",
    "booking GET /patients": "a patient may visit any location of the chain",
    "booking GET /patients/{patient_id}": "a patient may visit any location of the chain",
    "booking POST /locations": "a new location is not anywhere yet",
    "inventory GET /lots": "the same lot may lie on any shelf of the chain; this shows its number and expiry",
    "inventory GET /items": "the chain has one catalogue",
    "inventory POST /items": "the chain has one catalogue",
    "inventory GET /items/{item_id}": "the chain has one catalogue",
    "inventory GET /boms": "the chain has one catalogue",
    "inventory GET /boms/{treatment}": "the chain has one catalogue",
    "inventory PUT /boms/{treatment}": "the chain has one catalogue",
}
NOT_LET_IN = {"unauthenticated", "forbidden", "not_found", "invalid_request", "internal_error", "unavailable"}
OPERATORS = re.compile(r".* (GET /parked|POST /parked/replay|GET /chain|POST /keys/rotate)$")
"""About the machine, not about a location."""


async def ask(chain: Chain, door: Door, caller: Caller | None, **request: object) -> httpx.Response:
    return await chain.house.client(door.service, caller).request(door.method, **request)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
async def world(test_cluster: TestCluster) -> AsyncIterator[World]:
    """One for all walks: what they change is of no account to the next."""
    house = House(test_cluster)
    await house.move_in(everyone())
    chain = await open_chain(house)
    made = await visits(chain)
    await _use_more_than_there_is(chain, made["waiting"])
    await settle(house)
    yield World(chain, await _ids(chain, made))
    await house.close()


async def _use_more_than_there_is(chain: Chain, appointment_id: str) -> None:
    """So that there is a discrepancy to look at."""
    for step in ("check-in", "start"):
        await act(chain, appointment_id, step)
    used = [{"item_id": str(chain.items["cartridge"]), "quantity": 500}]
    await act(chain, appointment_id, "complete", **a_record(products=used))


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
    return {
        "location_id": str(chain.clinic.id),
        "home_location_id": str(chain.clinic.id),
        "patient_id": visit["patient_id"],
        "appointment_id": made["invoiced"],
        "practitioner_id": visit["practitioner_id"],
        "package_id": packages[0]["id"],
        "invoice_id": account["invoices"][0]["id"],
        "message_id": messages["items"][0]["id"],
        "staff_id": str(member.id),
        "grant_id": grants[0]["id"],
        "receipt_id": receipts["items"][0]["id"],
        "discrepancy_id": discrepancies["items"][0]["id"],
        "lot_id": lots[0]["lot_id"],
        "item_id": str(chain.items["serum"]),
        "treatment": "pen-face",
        "location_code": "soho",
        "legal_entity_id": str(chain.clinic.legal_entity_id),
        "local_start": "2026-12-22T10:00:00",
        "ids": made["invoiced"],
        "on": "2026-11-24",
        "day": "2026-11-24",
    }


async def test_without_a_token_nothing_opens_but_what_asks_for_a_secret(world: World) -> None:
    found = list(doors(world.chain.house))
    closed = [door for door in found if door.requirement]

    answers = {door.name: (await ask(world.chain, door, None, **world.request(door))).status_code for door in closed}

    assert {name for name, status in answers.items() if status != 401} == set()
    assert {door.name for door in found} - answers.keys() == OPEN_TO_THE_WORLD
    assert len(closed) > 60


async def test_with_a_role_that_a_route_does_not_name_it_is_403(world: World) -> None:
    wrong: dict[str, int] = {}
    for door in doors(world.chain.house):
        for role in set(Role) - (door.requirement.roles if door.requirement else set(Role)):
            answer = await ask(world.chain, door, a_member_of_staff(role), **world.request(door))
            if answer.status_code != 403:
                wrong[f"{role}: {door.name}"] = answer.status_code

    assert wrong == {}


async def test_a_service_opens_only_what_names_it(world: World) -> None:
    wrong: dict[str, int] = {}
    for door in doors(world.chain.house):
        answer = await ask(world.chain, door, a_service("stranger"), **world.request(door))
        if door.requirement and answer.status_code != 403:
            wrong[door.name] = answer.status_code

    assert wrong == {}


async def test_with_the_right_role_at_another_location_nothing_of_this_one_is_there(world: World) -> None:
    elsewhere = uuid4()
    shown: dict[str, str] = {}
    for door in doors(world.chain.house):
        if not door.requirement or not door.requirement.roles or _is_chain_wide(door):
            continue
        for role in door.requirement.roles:
            answer = await ask(world.chain, door, a_member_of_staff(role, at=elsewhere), **world.request(door))
            if _shows_something(answer):
                shown[f"{role}: {door.name}"] = f"{answer.status_code} {answer.text[:300]}"

    assert not shown, listed(shown)


async def test_with_the_right_role_at_this_location_the_same_requests_are_let_in(world: World) -> None:
    """The walk above would prove nothing if its requests were refused for another reason."""
    owner = await a_member(world.chain.house, Role.OWNER)
    refused: dict[str, str] = {}
    for door in doors(world.chain.house):
        if not door.requirement or not door.requirement.roles:
            continue
        caller = owner.caller(Role.OWNER) if door.service == "identity" else a_member_of_staff("owner")
        answer = await ask(world.chain, door, caller, **world.request(door))
        if not answer.is_success and answer.json()["code"] in NOT_LET_IN:
            refused[door.name] = f"{answer.status_code} {answer.text[:300]}"

    assert not refused, listed(refused)


def listed(found: dict[str, str]) -> str:
    return "\n".join(f"{name}: {told}" for name, told in sorted(found.items()))


def _is_chain_wide(door: Door) -> bool:
    return door.name in CHAIN_WIDE or bool(OPERATORS.match(door.name))


def _shows_something(answer: httpx.Response) -> bool:
    """404 and 403 show nothing, neither does an empty list or file."""
    if answer.status_code in {403, 404}:
        return False
    if not answer.is_success:
        return True
    if answer.headers["content-type"].startswith("text/csv"):
        return len(answer.text.splitlines()) > 1
    found = answer.json()
    if isinstance(found, dict) and "results" in found:
        return any(each["outcome"] != "rejected" for each in found["results"])
    if isinstance(found, dict):
        return any(bool(value) for value in found.values() if isinstance(value, list)) or not any(
            isinstance(value, list) for value in found.values()
        )
    return bool(found)
