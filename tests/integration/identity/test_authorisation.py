"""Who may do what to whom: every role against every route, and managers at their own locations only."""

from uuid import uuid4

import httpx
import pytest

from contracts.identity import MANAGEMENT, OPERATIONS, Role
from contracts.values import LocationId
from tests.integration.conftest import MoveIn
from tests.support.house import House
from tests.support.identity import HARBOUR, MANHATTAN, PASSWORD, Member, a_member, identity_plan, sign_in, signed_in
from tests.support.tokens import a_member_of_staff, a_service

NEWCOMER = {"email": "bo@needlepoint.example", "display_name": "Bo", "password": PASSWORD}
ROUTES = [
    ("GET", "/me", tuple(Role)),
    ("POST", "/me/password", tuple(Role)),
    ("GET", "/staff", MANAGEMENT),
    ("POST", "/staff", MANAGEMENT),
    ("POST", "/staff/{id}/grants", MANAGEMENT),
    ("POST", "/staff/{id}/grants/{id}/revoke", MANAGEMENT),
    ("POST", "/staff/{id}/disable", MANAGEMENT),
    ("POST", "/staff/{id}/enable", MANAGEMENT),
    ("POST", "/staff/{id}/password", MANAGEMENT),
    ("POST", "/keys/rotate", OPERATIONS),
]
BODIES = {
    "/me/password": {"current_password": "x", "new_password": PASSWORD},
    "/staff": NEWCOMER,
    "/staff/{id}/grants": {"role": "front_desk", "location_id": str(MANHATTAN)},
    "/staff/{id}/password": {"password": PASSWORD},
}


async def knock(client: httpx.AsyncClient, method: str, route: str, staff_id: object = None) -> httpx.Response:
    path = route.replace("{id}", str(staff_id or uuid4()))
    return await client.request(method, path, json=BODIES.get(route) if method == "POST" else None)


@pytest.mark.parametrize(("method", "route", "roles"), ROUTES)
async def test_a_route_is_shut_without_a_token_for_services_and_for_other_roles(
    move_in: MoveIn, method: str, route: str, roles: tuple[Role, ...]
) -> None:
    house = await move_in(identity_plan())

    # A token alone enrols nobody: whoever does must hold their role in the table, which these do not.
    opens = () if (method, route) == ("POST", "/staff") else roles

    async def status(client: httpx.AsyncClient) -> int:
        return (await knock(client, method, route)).status_code

    assert await status(house.client("identity")) == 401
    assert await status(house.client("identity", a_service("booking"))) == 403
    for role in Role:
        assert (await status(house.client("identity", a_member_of_staff(role))) == 403) is (role not in opens)


@pytest.mark.parametrize(("method", "route", "roles"), [each for each in ROUTES if "{id}" in each[1]])
async def test_whoever_works_elsewhere_does_not_exist_for_a_manager(
    move_in: MoveIn, method: str, route: str, roles: tuple[Role, ...]
) -> None:
    house = await move_in(identity_plan())
    manager = await a_member(house, Role.MANAGER, at=MANHATTAN)
    foreign = await a_member(house, Role.FRONT_DESK, at=HARBOUR)
    client = signed_in(house, manager, Role.MANAGER, at=MANHATTAN)

    hidden, unused = await knock(client, method, route, foreign.id), await knock(client, method, route)

    assert Role.MANAGER in roles
    assert (hidden.status_code, unused.status_code) == (404, 404)
    assert hidden.json().keys() == unused.json().keys()
    assert hidden.json()["title"] == unused.json()["title"]


async def a_manager(house: House, at: LocationId | None = MANHATTAN) -> tuple[Member, httpx.AsyncClient]:
    manager = await a_member(house, Role.MANAGER, at=at)
    return manager, signed_in(house, manager, Role.MANAGER, at=at)


@pytest.mark.parametrize(
    ("role", "location_id", "status", "code"),
    [
        (Role.FRONT_DESK, MANHATTAN, 201, None),
        (Role.MANAGER, MANHATTAN, 201, None),
        (Role.OWNER, MANHATTAN, 403, "beyond_your_role"),
        (Role.OPERATOR, MANHATTAN, 403, "beyond_your_role"),
        (Role.FRONT_DESK, None, 403, "beyond_your_role"),
        (Role.OWNER, None, 403, "beyond_your_role"),
        (Role.FRONT_DESK, HARBOUR, 404, "not_found"),
    ],
)
async def test_a_manager_gives_roles_at_their_own_location_only(
    move_in: MoveIn, role: Role, location_id: LocationId | None, *, status: int, code: str | None
) -> None:
    house = await move_in(identity_plan())
    _, boss = await a_manager(house)
    member = await a_member(house, Role.PRACTITIONER, at=MANHATTAN)

    body = {"role": role, "location_id": str(location_id) if location_id else None}
    answer = await boss.post(f"/staff/{member.id}/grants", json=body)

    assert (answer.status_code, answer.json().get("code")) == (status, code)


@pytest.mark.parametrize(("role", "at"), [(Role.OWNER, None), (Role.OPERATOR, MANHATTAN), (Role.FINANCE, None)])
async def test_a_manager_can_not_take_over_or_shut_out_somebody_above_them(
    move_in: MoveIn, role: Role, at: LocationId | None
) -> None:
    house = await move_in(identity_plan())
    _, boss = await a_manager(house)
    above = await a_member(house, role, at=at)
    grant_id = (await sign_in(house, above.email)).json()["staff"]["grants"][0]["id"]

    answers = [
        await boss.post(f"/staff/{above.id}/disable"),
        await boss.post(f"/staff/{above.id}/password", json={"password": "another long password"}),
        await boss.post(f"/staff/{above.id}/grants/{grant_id}/revoke"),
    ]

    assert [(each.status_code, each.json()["code"]) for each in answers] == 3 * [(403, "beyond_your_role")]
    assert (await sign_in(house, above.email)).status_code == 201


async def test_somebody_who_works_at_two_locations_is_shut_out_by_neither_manager(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    _, boss = await a_manager(house)
    shared = await a_member(house, Role.PRACTITIONER, at=MANHATTAN)
    owner = await a_member(house, Role.OWNER)
    chief = signed_in(house, owner, Role.OWNER)
    await chief.post(f"/staff/{shared.id}/grants", json={"role": "practitioner", "location_id": str(HARBOUR)})

    refused = await boss.post(f"/staff/{shared.id}/disable")

    assert (refused.status_code, refused.json()["code"]) == (403, "beyond_your_role")
    assert (await chief.post(f"/staff/{shared.id}/disable")).status_code == 200


async def test_a_manager_lists_who_works_at_their_location_and_sees_no_role_of_another(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    manager, boss = await a_manager(house)
    owner = await a_member(house, Role.OWNER)
    here, _ = await a_member(house, Role.PRACTITIONER, at=MANHATTAN), await a_member(house, Role.FINANCE, at=HARBOUR)
    body = {"role": "practitioner", "location_id": str(HARBOUR)}
    await signed_in(house, owner, Role.OWNER).post(f"/staff/{here.id}/grants", json=body)
    newcomer = (await boss.post("/staff", json=NEWCOMER)).json()

    listed = {each["id"]: each["grants"] for each in (await boss.get("/staff")).json()["items"]}

    assert listed.keys() == {str(manager.id), str(owner.id), str(here.id), newcomer["id"]}
    assert [each["location_id"] for each in listed[str(here.id)]] == [str(MANHATTAN)]


async def test_a_newcomer_is_seen_by_whoever_enrolled_them_and_by_no_other_manager(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    _, boss = await a_manager(house)
    _, elsewhere = await a_manager(house, at=HARBOUR)
    newcomer = (await boss.post("/staff", json=NEWCOMER)).json()

    by_another = await elsewhere.post(f"/staff/{newcomer['id']}/password", json={"password": "another long password"})
    at_harbour = {"role": "front_desk", "location_id": str(HARBOUR)}

    assert by_another.status_code == 404
    assert (await elsewhere.post(f"/staff/{newcomer['id']}/grants", json=at_harbour)).status_code == 404
    at_manhattan = {"role": "front_desk", "location_id": str(MANHATTAN)}
    assert (await boss.post(f"/staff/{newcomer['id']}/grants", json=at_manhattan)).status_code == 201


async def test_a_role_that_was_taken_away_gives_nothing_although_the_token_still_says_so(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    chief = signed_in(house, await a_member(house, Role.OWNER), Role.OWNER)
    manager, boss = await a_manager(house)
    member = await a_member(house, Role.FRONT_DESK, at=MANHATTAN)
    grant_id = (await boss.get("/me")).json()["grants"][0]["id"]

    await chief.post(f"/staff/{manager.id}/grants/{grant_id}/revoke")
    body = {"role": "finance", "location_id": str(MANHATTAN)}

    assert (await boss.post(f"/staff/{member.id}/grants", json=body)).status_code == 404
    assert (await boss.post("/staff", json=NEWCOMER)).status_code == 403
    assert (await boss.get("/staff")).json()["items"] == []


async def test_a_disabled_owner_can_not_make_another_one_with_the_token_they_have_left(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    chief = signed_in(house, await a_member(house, Role.OWNER), Role.OWNER)
    leaving = await a_member(house, Role.OWNER)
    accomplice = await a_member(house, Role.FRONT_DESK, at=MANHATTAN)
    await chief.post(f"/staff/{leaving.id}/disable")

    answer = await signed_in(house, leaving, Role.OWNER).post(f"/staff/{accomplice.id}/grants", json={"role": "owner"})

    assert answer.status_code in (403, 404)
    assert [each["role"] for each in (await sign_in(house, accomplice.email)).json()["staff"]["grants"]] == [
        "front_desk"
    ]
