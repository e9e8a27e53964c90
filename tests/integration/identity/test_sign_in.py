"""Who signs in gets in; who does not is told nothing, and is slowed down without being locked out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, text

from contracts.identity import Role
from services.identity.attempts.model import Attempt
from services.identity.doors import passwords_of
from services.identity.settings import IdentitySettings
from services.identity.staff import passwords as staff_passwords
from services.identity.staff.model import Staff
from tests.integration.conftest import MoveIn
from tests.support.house import House
from tests.support.identity import (
    MANHATTAN,
    PASSWORD,
    a_member,
    context_of,
    fresh_ring,
    identity_plan,
    sign_in,
    signed_in,
)

STRICT = {
    "sign_in_failures_per_account_at_address_max": 3,
    "sign_in_failures_per_account_max": 7,
    "sign_in_failures_per_address_max": 5,
}


async def failures(house: House) -> int:
    async with context_of(house).db.reading() as tx:
        return await tx.scalar(select(func.count()).select_from(Attempt)) or 0


@asynccontextmanager
async def all_slots_of(house: House) -> AsyncIterator[None]:
    """Somebody else hashes, with every slot there is."""
    settings = context_of(house).settings_as(IdentitySettings)
    state = house.running["identity"].app.state
    state.passwords = passwords_of(settings)
    async with AsyncExitStack() as slots:
        for _ in range(settings.password_slots):
            await slots.enter_async_context(state.passwords.slot())
        yield


async def test_a_person_signs_in_and_is_told_who_they_are(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    member = await a_member(house, Role.FRONT_DESK, at=MANHATTAN, email="ada@needlepoint.example")

    answer = await sign_in(house, " Ada@Needlepoint.example ")

    assert answer.status_code == 201, answer.text
    staff = answer.json()["staff"]
    assert (staff["id"], staff["display_name"], staff["email"]) == (str(member.id), "Ada Sharpe", member.email)
    assert [(each["role"], each["location_id"]) for each in staff["grants"]] == [("front_desk", str(MANHATTAN))]
    assert answer.headers["cache-control"] == "no-store"
    assert await failures(house) == 0


async def test_a_stranger_a_wrong_password_and_a_disabled_account_get_the_same_answer(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    known, gone = await a_member(house, Role.OWNER), await a_member(house, Role.FRONT_DESK, at=MANHATTAN)
    await signed_in(house, known, Role.OWNER).post(f"/staff/{gone.id}/disable")

    answers = [
        await sign_in(house, "nobody@needlepoint.example"),
        await sign_in(house, known.email, "not the right password"),
        await sign_in(house, gone.email),
    ]

    said = [{**answer.json(), "correlation_id": None} for answer in answers]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert said[0] == said[1] == said[2]
    assert said[0]["code"] == "wrong_credentials"


@pytest.mark.parametrize("route", ["/sessions", "/tokens"])
async def test_too_many_failures_of_one_account_wait_and_never_longer_than_told(move_in: MoveIn, route: str) -> None:
    house = await move_in(identity_plan(**STRICT))
    member = await a_member(house, Role.OWNER)
    client = house.client("identity")
    right, wrong = {"email": member.email, "password": PASSWORD}, {"email": member.email, "password": "wrong"}

    refused = [await client.post(route, json=wrong) for _ in range(3)]
    slowed = await client.post(route, json=right)
    wait = int(slowed.headers["retry-after"])

    assert [answer.status_code for answer in refused] == [401, 401, 401]
    assert (slowed.status_code, slowed.json()["code"]) == (429, "too_many_sign_ins")
    assert slowed.json()["retry_after_seconds"] == wait == 900
    house.clock.advance(timedelta(seconds=wait))
    assert (await client.post(route, json=right)).is_success


async def test_a_strangers_guesses_elsewhere_do_not_keep_anybody_out(move_in: MoveIn) -> None:
    house = await move_in(identity_plan(**STRICT))
    member = await a_member(house, Role.PRACTITIONER, at=MANHATTAN)

    guesses = [await sign_in(house, member.email, "wrong", address="198.51.100.9") for _ in range(4)]

    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]
    assert (await sign_in(house, member.email, address="203.0.113.7")).status_code == 201


async def test_one_account_is_slowed_down_when_it_is_guessed_at_from_many_addresses(move_in: MoveIn) -> None:
    house = await move_in(identity_plan(**STRICT))
    member = await a_member(house, Role.PRACTITIONER, at=MANHATTAN)

    guesses = [await sign_in(house, member.email, "wrong", address=f"198.51.100.{each}") for each in range(8)]

    assert [answer.status_code for answer in guesses] == [401] * 7 + [429]


async def test_one_address_is_slowed_down_whatever_account_it_tries_and_others_are_not(move_in: MoveIn) -> None:
    house = await move_in(identity_plan(**STRICT))
    member = await a_member(house, Role.OWNER)

    tried = [await sign_in(house, f"guess-{each}@needlepoint.example", address="198.51.100.9") for each in range(5)]

    assert {answer.status_code for answer in tried} == {401}
    assert (await sign_in(house, member.email, address="198.51.100.9")).status_code == 429
    assert (await sign_in(house, member.email, address="203.0.113.7")).status_code == 201


async def test_right_passwords_are_never_counted(move_in: MoveIn) -> None:
    house = await move_in(identity_plan(**STRICT))
    member = await a_member(house, Role.OWNER)

    answers = [await sign_in(house, member.email) for _ in range(10)]

    assert {answer.status_code for answer in answers} == {201}
    assert await failures(house) == 0


async def test_a_hundred_guesses_at_once_are_not_a_hundred_free_ones(move_in: MoveIn) -> None:
    house = await move_in(identity_plan(password_slots=50, **STRICT))
    member = await a_member(house, Role.OWNER)

    answers = await asyncio.gather(*(sign_in(house, member.email, f"guess number {each}") for each in range(100)))

    codes = [answer.status_code for answer in answers]
    assert (codes.count(401), codes.count(429)) == (3, 97)
    assert await failures(house) == 3


async def test_who_is_slowed_down_is_told_so_without_a_turn_to_hash(move_in: MoveIn) -> None:
    house = await move_in(identity_plan(**STRICT))
    for _ in range(3):
        await sign_in(house, "guess@needlepoint.example")

    async with all_slots_of(house):
        slowed = await asyncio.wait_for(sign_in(house, "guess@needlepoint.example"), timeout=5)

    assert slowed.status_code == 429


async def test_a_try_that_found_no_turn_to_hash_is_not_counted_as_wrong(
    move_in: MoveIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await move_in(identity_plan(**STRICT))
    monkeypatch.setattr(staff_passwords, "SLOT_WAIT_SECONDS_MAX", 0.05)

    async with all_slots_of(house):
        answer = await sign_in(house, "ada@needlepoint.example")

    assert (answer.status_code, await failures(house)) == (503, 0)


async def test_neither_address_nor_account_is_kept_as_such(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())

    await sign_in(house, "typed-my-password-here", address="198.51.100.9")

    async with context_of(house).db.reading() as tx:
        row = str((await tx.execute(text("SELECT sign_in_attempt::text FROM sign_in_attempt"))).one())
    assert "198.51.100.9" not in row
    assert b"198.51.100.9".hex() not in row
    assert b"typed-my-password-here".hex() not in row


async def test_a_password_that_was_hashed_more_cheaply_is_hashed_anew_and_the_session_goes_on(move_in: MoveIn) -> None:
    house = await move_in(identity_plan(password_passes=2))
    member = await a_member(house, Role.OWNER)
    async with context_of(house).db.transaction() as tx:
        staff = await tx.get_one(Staff, member.id)
        cheaper = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        staff.password_hash = cheaper

    first = await sign_in(house, member.email)
    async with context_of(house).db.reading() as tx:
        renewed = (await tx.get_one(Staff, member.id)).password_hash

    assert first.status_code == 201
    assert "t=2" in renewed
    assert "t=1" in cheaper
    assert (await sign_in(house, member.email)).status_code == 201


async def test_a_token_says_who_somebody_is_and_holds_their_roles(move_in: MoveIn) -> None:
    house = await move_in(identity_plan())
    member = await a_member(house, Role.MANAGER, at=MANHATTAN)

    issued = await house.client("identity").post("/tokens", json={"email": member.email, "password": PASSWORD})

    assert issued.status_code == 200, issued.text
    assert (issued.json()["token_type"], issued.json()["expires_in"]) == ("Bearer", 300)
    caller = await fresh_ring(house).verify(issued.json()["access_token"], now=house.clock.now())
    assert (caller.id, caller.kind) == (member.id, "staff")
    assert caller.grants == {"manager": frozenset({MANHATTAN})}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]"])
async def test_a_body_that_can_not_be_read_is_an_invalid_request(move_in: MoveIn, body: bytes) -> None:
    house = await move_in(identity_plan())

    answer = await house.client("identity").post(
        "/sessions", content=body, headers={"content-type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "ada@needlepoint.example"},
        {"email": "ada\u0007@needlepoint.example", "password": "x"},
        {"email": "ada@needlepoint.example", "password": "x" * 513},
        {"email": "ada@needlepoint.example", "password": "x", "remember": True},
    ],
)
async def test_a_request_that_makes_no_sense_names_the_field(move_in: MoveIn, body: dict[str, object]) -> None:
    house = await move_in(identity_plan())

    answer: httpx.Response = await house.client("identity").post("/sessions", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"][0]["field"].startswith("body.")
