"""Every route of every service is closed to who may not use it: a walk over all there are (CP-02, I17)."""

import re
from uuid import uuid4

import httpx

from chassis.tokens import Caller
from contracts.identity import Role
from tests.integration.house.walking import Door, World, doors
from tests.support.everyone import Chain
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
    "booking PUT /treatments/{treatment_id}": "the chain has one catalogue",
    "booking GET /patients": "a patient may visit any location of the chain",
    "booking GET /patients/{patient_id}": "a patient may visit any location of the chain",
    "booking PUT /patients/{patient_id}": "a patient may visit any location of the chain",
    "inventory GET /lots": "the same lot may lie on any shelf of the chain; this shows its number and expiry",
    "inventory GET /items": "the chain has one catalogue",
    "inventory POST /items": "the chain has one catalogue",
    "inventory GET /items/{item_id}": "the chain has one catalogue",
    "inventory PUT /items/{item_id}": "the chain has one catalogue",
    "inventory GET /boms": "the chain has one catalogue",
    "inventory GET /boms/{treatment}": "the chain has one catalogue",
    "inventory PUT /boms/{treatment}": "the chain has one catalogue",
}
EMPTY_ELSEWHERE = {
    "billing GET /patients/{patient_id}/account": "a patient may visit any location; only what was sold there is shown",
    "inventory GET /lots/{lot_id}": "number and expiry belong to the lot, what is on hand to a location",
    "inventory GET /lots/{lot_id}/trace": "number and expiry belong to the lot, who it was used on to a location",
}
"""They answer everywhere, and every list in the answer is empty."""
NOTHING_TO_FIND = {f"{service} POST /parked/{{parked_id}}/drop" for service in ("identity", "booking")}
"""They listen to nobody, so nothing of theirs is ever parked."""
NOT_LET_IN = {"unauthenticated", "forbidden", "not_found", "invalid_request", "internal_error", "unavailable"}
OPERATORS = re.compile(
    r".* (GET /parked|POST /parked/replay|POST /parked/\{parked_id\}/drop|GET /chain|POST /keys/rotate)$"
)
"""About the machine, not about a location."""


async def ask(chain: Chain, door: Door, caller: Caller | None, **request: object) -> httpx.Response:
    return await chain.house.client(door.service, caller).request(door.method, **request)  # type: ignore[arg-type]


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
            if _shows_something(answer, empty_answers=door.name in EMPTY_ELSEWHERE):
                shown[f"{role}: {door.name}"] = f"{answer.status_code} {answer.text[:300]}"

    assert not shown, listed(shown)


async def test_with_the_right_role_at_this_location_the_same_requests_are_let_in(world: World) -> None:
    """The walk above would prove nothing if its requests were refused for another reason."""
    owner = await a_member(world.chain.house, Role.OWNER)
    refused: dict[str, str] = {}
    for door in doors(world.chain.house):
        if not door.requirement or not door.requirement.roles or door.name in NOTHING_TO_FIND:
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


def _shows_something(answer: httpx.Response, *, empty_answers: bool) -> bool:
    """404 and 403 show nothing, neither does an empty page, list or file; anything else that succeeds does."""
    if not answer.is_success:
        return answer.status_code not in {403, 404}
    if answer.headers["content-type"].startswith("text/csv"):
        return len(answer.text.splitlines()) > 1
    found = answer.json()
    if isinstance(found, dict) and "results" in found:
        return any(each["outcome"] != "rejected" for each in found["results"])
    if isinstance(found, dict) and found.keys() <= {"items", "next_cursor"}:
        return bool(found["items"])
    if empty_answers:
        return any(value for value in found.values() if isinstance(value, list))
    return bool(found)
