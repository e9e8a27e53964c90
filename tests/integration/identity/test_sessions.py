"""A session goes on while it is used, and ends when it must: by time, by sign-out, by disabling, by a new password."""

import asyncio
from datetime import timedelta

import pytest

from contracts.identity import Role
from services.identity.sessions.model import IDLE, LIFE
from services.identity.staff import usecases
from tests.integration.conftest import MoveIn
from tests.support.house import House
from tests.support.identity import (
    HARBOUR,
    MANHATTAN,
    PASSWORD,
    Member,
    a_member,
    context_of,
    fresh_ring,
    identity_plan,
    refresh,
    sign_in,
    signed_in,
)

SECOND = timedelta(seconds=1)
NEW_PASSWORD = "an entirely different thing"


async def a_session(house: House, member: Member) -> str:
    return str((await sign_in(house, member.email)).json()["session"])


async def test_a_session_gives_access_tokens_with_the_roles_of_the_moment(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    member = await a_member(house, Role.FRONT_DESK, at=MANHATTAN)
    session = await a_session(house, member)
    async with context_of(house).db.transaction() as tx:
        await usecases.grant(tx, member.id, Role.FRONT_DESK, HARBOUR, at=house.clock.now())

    answer = await refresh(house, session)

    caller = await fresh_ring(house).verify(answer.json()["access_token"], now=house.clock.now())
    assert caller.grants == {"front_desk": frozenset({MANHATTAN, HARBOUR})}
    assert {each["location_id"] for each in answer.json()["staff"]["grants"]} == {str(MANHATTAN), str(HARBOUR)}


async def test_a_session_that_is_used_goes_on_and_one_that_is_not_ends(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    session = await a_session(house, await a_member(house, Role.OWNER))

    house.clock.advance(IDLE - SECOND)
    used = await refresh(house, session)
    house.clock.advance(IDLE - SECOND)
    used_again = await refresh(house, session)
    house.clock.advance(IDLE)
    left_alone = await refresh(house, session)

    assert (used.status_code, used_again.status_code) == (200, 200)
    assert (left_alone.status_code, left_alone.json()["code"]) == (401, "session_ended")


async def test_a_session_ends_after_twelve_hours_of_work(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    session = await a_session(house, await a_member(house, Role.OWNER))
    begun = house.clock.now()

    while house.clock.now() < begun + LIFE - timedelta(minutes=20):
        house.clock.advance(timedelta(minutes=20))
        assert (await refresh(house, session)).status_code == 200
    house.clock.set(begun + LIFE)

    assert (await refresh(house, session)).status_code == 401


async def test_signing_out_ends_the_session_for_good_and_may_be_repeated(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    member = await a_member(house, Role.OWNER)
    mine, other = await a_session(house, member), await a_session(house, member)
    client = house.client("identity")

    ended = [await client.post("/sessions/end", json={"session": mine}) for _ in range(2)]

    assert [answer.status_code for answer in ended] == [204, 204]
    assert (await refresh(house, mine)).status_code == 401
    assert (await refresh(house, other)).status_code == 200, "the one at the other desk goes on"


async def test_an_unknown_session_is_refused_and_ends_quietly(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    unknown = "no-such-session-was-ever-opened-here"

    ended = await house.client("identity").post("/sessions/end", json={"session": unknown})

    assert ended.status_code == 204
    assert (await refresh(house, unknown)).status_code == 401


async def test_disabling_somebody_ends_their_sessions_and_enabling_does_not_bring_them_back(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    owner, member = await a_member(house, Role.OWNER), await a_member(house, Role.FRONT_DESK, at=MANHATTAN)
    session = await a_session(house, member)
    boss = signed_in(house, owner, Role.OWNER)

    await boss.post(f"/staff/{member.id}/disable")
    while_disabled = await refresh(house, session)
    await boss.post(f"/staff/{member.id}/enable")

    assert while_disabled.status_code == 401
    assert (await refresh(house, session)).status_code == 401
    assert (await sign_in(house, member.email)).status_code == 201


async def test_changing_my_password_ends_all_my_sessions(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    member = await a_member(house, Role.FRONT_DESK, at=MANHATTAN)
    sessions = [await a_session(house, member) for _ in range(2)]
    me = signed_in(house, member, Role.FRONT_DESK, at=MANHATTAN)

    wrong = await me.post("/me/password", json={"current_password": "not mine", "new_password": NEW_PASSWORD})
    still = await refresh(house, sessions[0])
    changed = await me.post("/me/password", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD})

    assert (wrong.status_code, still.status_code, changed.status_code) == (401, 200, 204)
    assert [(await refresh(house, each)).status_code for each in sessions] == [401, 401]
    assert (await sign_in(house, member.email)).status_code == 401
    assert (await sign_in(house, member.email, NEW_PASSWORD)).status_code == 201


async def test_a_change_of_password_whose_answer_was_lost_is_answered_again(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    member = await a_member(house, Role.FRONT_DESK, at=MANHATTAN)
    me = signed_in(house, member, Role.FRONT_DESK, at=MANHATTAN)
    asked = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    key = {"idempotency-key": "one-change-of-mine"}

    answers = [await me.post("/me/password", json=asked, headers=key) for _ in range(2)]
    other = await me.post("/me/password", json={**asked, "new_password": f"{NEW_PASSWORD}!"}, headers=key)

    assert [answer.status_code for answer in answers] == [204, 204]
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert (await sign_in(house, member.email, NEW_PASSWORD)).status_code == 201


async def test_guessing_the_present_password_is_slowed_down_like_a_sign_in(move_in: MoveIn) -> None:
    house = await move_in(identity_plan(sign_in_failures_per_account_at_address_max=3))
    member = await a_member(house, Role.FRONT_DESK, at=MANHATTAN)
    me = signed_in(house, member, Role.FRONT_DESK, at=MANHATTAN)

    guesses = [
        (await me.post("/me/password", json={"current_password": f"guess {each}", "new_password": NEW_PASSWORD}))
        for each in range(4)
    ]

    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]


async def test_one_session_used_from_many_tabs_at_once_stays_one_session(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    session = await a_session(house, await a_member(house, Role.OWNER))

    answers = await asyncio.gather(*(refresh(house, session) for _ in range(12)))

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize("session", ["", "short", "x" * 101, "with spaces in it, and more", "null\u0000" * 5])
async def test_what_can_not_be_a_session_is_refused_as_such(move_in: MoveIn, session: str) -> None:
    house = await move_in(identity_plan())

    assert (await refresh(house, session)).status_code == 422
