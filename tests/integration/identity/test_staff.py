"""Who works here and what they may do: told as facts without a name, and never left without an owner."""

import asyncio
import hashlib
import io
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select, text

from contracts.identity import Role
from services.identity.app import first_owner
from services.identity.staff.model import AlreadySetUp, Grant, Staff
from tests.integration.conftest import MoveIn
from tests.support.house import House
from tests.support.identity import (
    HARBOUR,
    MANHATTAN,
    PASSWORD,
    Member,
    a_member,
    context_of,
    identity_plan,
    sign_in,
    signed_in,
)

NEWCOMER = {"email": "Bo@needlepoint.example", "display_name": "Bo Lindqvist", "password": PASSWORD}


async def an_owner(house: House) -> tuple[Member, httpx.AsyncClient]:
    owner = await a_member(house, Role.OWNER)
    return owner, signed_in(house, owner, Role.OWNER)


async def count(house: House, table: type) -> int:
    async with context_of(house).db.reading() as tx:
        return await tx.scalar(select(func.count()).select_from(table)) or 0


async def test_somebody_is_enrolled_given_a_role_and_works(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    _, owner = await an_owner(house)

    enrolled = await owner.post("/staff", json=NEWCOMER)
    staff_id = enrolled.json()["id"]
    given = await owner.post(f"/staff/{staff_id}/grants", json={"role": "front_desk", "location_id": str(MANHATTAN)})
    signed = await sign_in(house, "bo@needlepoint.example")

    assert (enrolled.status_code, given.status_code) == (201, 201), given.text
    assert enrolled.json()["email"] == "bo@needlepoint.example"
    assert signed.json()["staff"]["grants"] == [given.json()]


async def test_who_signed_stays_known_by_name_where_they_worked_and_only_there(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    nurse = await a_member(house, Role.PRACTITIONER, at=MANHATTAN)
    _, owner = await an_owner(house)
    everybody = (await owner.get("/staff")).json()["items"]
    [held] = next(each["grants"] for each in everybody if each["id"] == str(nurse.id))
    revoked = await owner.post(f"/staff/{nurse.id}/grants/{held['id']}/revoke")
    readers = [signed_in(house, nurse, Role.PRACTITIONER, at=at) for at in (MANHATTAN, HARBOUR)]
    desk = signed_in(house, nurse, Role.FRONT_DESK, at=MANHATTAN)

    here, elsewhere, at_the_desk = [await each.get(f"/staff/{nurse.id}/name") for each in (*readers, desk)]

    assert revoked.status_code == 204
    assert here.json() == {"id": str(nurse.id), "display_name": "Ada Sharpe"}
    assert (elsewhere.status_code, at_the_desk.status_code) == (404, 403)


async def test_an_e_mail_address_works_here_once(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    _, owner = await an_owner(house)

    answers = await asyncio.gather(*(owner.post("/staff", json=NEWCOMER) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.is_error} == {"email_taken"}


async def test_the_facts_count_versions_and_hold_nobodys_name(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    _, owner = await an_owner(house)
    staff_id = (await owner.post("/staff", json=NEWCOMER)).json()["id"]
    grant = (await owner.post(f"/staff/{staff_id}/grants", json={"role": "finance"})).json()
    await owner.post(f"/staff/{staff_id}/grants/{grant['id']}/revoke")
    await owner.post(f"/staff/{staff_id}/disable")
    await owner.post(f"/staff/{staff_id}/enable")

    await house.settle()

    staff = [fact for fact in house.facts("identity.staff-changed") if fact["staff_id"] == staff_id]
    grants = [fact for fact in house.facts("identity.grant-changed") if fact["grant_id"] == grant["id"]]
    assert [(fact["version"], fact["active"]) for fact in staff] == [(1, True), (2, False), (3, True)]
    assert [(fact["version"], fact["active"], fact["location_id"]) for fact in grants] == [
        (1, True, None),
        (2, False, None),
    ]
    told = str([message.body for message in house.published])
    assert "bo@needlepoint" not in told.lower()
    assert "Lindqvist" not in told


async def test_names_and_passwords_reach_no_log(move_in: MoveIn, logged: io.StringIO) -> None:
    house = await move_in(identity_plan())
    _, owner = await an_owner(house)

    await owner.post("/staff", json=NEWCOMER)
    await sign_in(house, "bo@needlepoint.example")
    await sign_in(house, "bo@needlepoint.example", "a wrong password")
    said = logged.getvalue().lower()

    assert "/sessions" in said, "there are log lines"
    for private in ("bo@needlepoint", "lindqvist", PASSWORD, "a wrong password", "203.0.113.7"):
        assert private not in said


async def test_a_repeated_command_is_one_and_its_stored_hash_tells_nothing_of_the_password(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    _, owner = await an_owner(house)
    key = {"idempotency-key": str(uuid4())}

    first = await owner.post("/staff", json=NEWCOMER, headers=key)
    again = await owner.post("/staff", json=NEWCOMER, headers=key)
    other = await owner.post("/staff", json=NEWCOMER | {"password": "another long password"}, headers=key)

    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    async with context_of(house).db.reading() as tx:
        kept = await tx.scalar(text("SELECT request_hash FROM answer"))
    assert kept not in plain_hashes(first.request)


def plain_hashes(request: httpx.Request) -> set[bytes]:
    """What somebody with only the table could try passwords against."""
    told = f"POST {request.url.path}?\n".encode() + request.content
    return {hashlib.sha256(told).digest(), hashlib.blake2b(told, digest_size=32).digest()}


async def test_the_same_role_given_at_the_same_time_is_given_once(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    _, owner = await an_owner(house)
    member = await a_member(house)
    before = await count(house, Grant)

    for role, where in (("finance", None), ("front_desk", str(MANHATTAN))):
        body = {"role": role, "location_id": where}
        answers = await asyncio.gather(*(owner.post(f"/staff/{member.id}/grants", json=body) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [201] + 7 * [409]
        assert {answer.json()["code"] for answer in answers if answer.is_error} == {"already_granted"}

    assert await count(house, Grant) == before + 2


async def test_a_role_that_was_taken_can_be_given_again(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    _, owner = await an_owner(house)
    member = await a_member(house)
    body = {"role": "practitioner", "location_id": str(HARBOUR)}

    first = (await owner.post(f"/staff/{member.id}/grants", json=body)).json()
    taken = [await owner.post(f"/staff/{member.id}/grants/{first['id']}/revoke") for _ in range(2)]
    second = await owner.post(f"/staff/{member.id}/grants", json=body)

    assert [answer.status_code for answer in taken] == [204, 409]
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]


async def test_two_first_owners_at_once_are_one(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    context = context_of(house)

    outcomes = await asyncio.gather(
        *(
            first_owner(context, email=f"owner-{each}@needlepoint.example", display_name="Ada", password=PASSWORD)
            for each in range(6)
        ),
        return_exceptions=True,
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [type(each) for each in refused] == 5 * [AlreadySetUp]
    assert (await count(house, Staff), await count(house, Grant)) == (1, 1)


async def test_there_is_no_first_owner_where_somebody_works_already(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    await a_member(house, Role.FRONT_DESK, at=MANHATTAN)

    with pytest.raises(AlreadySetUp):
        await first_owner(context_of(house), email="me@x.example", display_name="Me", password=PASSWORD)


async def test_the_last_owner_stays(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    owner, client = await an_owner(house)
    grants = (await client.get("/me")).json()["grants"]

    disabled = await client.post(f"/staff/{owner.id}/disable")
    stripped = await client.post(f"/staff/{owner.id}/grants/{grants[0]['id']}/revoke")

    assert [(each.status_code, each.json()["code"]) for each in (disabled, stripped)] == 2 * [(409, "last_owner")]


async def test_two_owners_who_disable_each_other_at_once_leave_one(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    for _ in range(5):
        (ada, adas), (bo, bos) = await an_owner(house), await an_owner(house)
        others = await other_owners(house, ada, bo)
        for each in others:
            await adas.post(f"/staff/{each}/disable")

        answers = await asyncio.gather(adas.post(f"/staff/{bo.id}/disable"), bos.post(f"/staff/{ada.id}/disable"))

        assert sorted(answer.status_code for answer in answers) in ([200, 403], [200, 404], [200, 409])
        assert len(await other_owners(house)) == 1


async def other_owners(house: House, *but: Member) -> list[object]:
    async with context_of(house).db.reading() as tx:
        active = await tx.scalars(select(Staff.id).where(Staff.active, Staff.id.not_in([each.id for each in but])))
        return list(active)


async def test_a_manager_gives_somebody_a_new_password_who_forgot_theirs(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    manager, member = (
        await a_member(house, Role.MANAGER, at=MANHATTAN),
        await a_member(house, Role.FRONT_DESK, at=MANHATTAN),
    )
    boss = signed_in(house, manager, Role.MANAGER, at=MANHATTAN)

    unfit = await boss.post(f"/staff/{member.id}/password", json={"password": "too short"})
    own = await boss.post(f"/staff/{manager.id}/password", json={"password": "another long password"})
    given = await boss.post(f"/staff/{member.id}/password", json={"password": "another long password"})

    assert (unfit.status_code, unfit.json()["code"]) == (422, "password_unfit")
    assert (own.status_code, own.json()["code"]) == (403, "your_own_password")
    assert given.status_code == 204
    assert (await sign_in(house, member.email)).status_code == 401
    assert (await sign_in(house, member.email, "another long password")).status_code == 201


async def test_the_list_is_paged_by_name(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    _, owner = await an_owner(house)
    for name in ("Cy", "Bo", "Di", "Bo"):
        await owner.post("/staff", json=NEWCOMER | {"display_name": name, "email": f"{uuid4()}@x.example"})

    names: list[str] = []
    cursor = None
    while cursor or not names:
        page = (await owner.get("/staff", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        names += [each["display_name"] for each in page["items"]]
        cursor = page["next_cursor"]

    assert names == ["Ada Sharpe", "Bo", "Bo", "Cy", "Di"]
    assert (await owner.get("/staff", params={"cursor": "WyJBZGEiLCAibm8gaWQiXQ"})).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("email", "ada\u0007@needlepoint.example"),
        ("display_name", ""),
        ("display_name", "   "),
        ("display_name", "Ada\u0007"),
        ("role", "owner"),
    ],
)
async def test_an_invalid_newcomer_is_refused_with_the_field(move_in: MoveIn, field: str, value: str) -> None:
    house = await move_in(identity_plan())
    _, owner = await an_owner(house)

    answer = await owner.post("/staff", json=NEWCOMER | {field: value})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"body.{field}")
